using System.Globalization;
using Azure.Storage.Blobs.Models;
using AzureOpenAISimulator;
using MultiModal.LocalHost.Hosting;

namespace MultiModal.LocalHost.Tests;

[Collection(SharedAzurite.Name)]
public sealed class CostCommandTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private readonly string storage = azurite.NewConnectionString();
    private SimulatorServer simulator = null!;

    private string[] Settings => RunningHost.Settings(storage, simulator);

    public async Task InitializeAsync()
    {
        simulator = await SimulatorServer.StartAsync();
        Directory.CreateDirectory(folder["minutes"]);
        await File.WriteAllTextAsync(Path.Combine(folder["minutes"], "a.txt"), "Anna presents the budget.");
        await File.WriteAllTextAsync(Path.Combine(folder["minutes"], "b.txt"), "Ben sends the slides.");
    }

    public async Task DisposeAsync()
    {
        folder.Dispose();
        await simulator.DisposeAsync();
    }

    [Fact]
    public async Task A_folder_is_estimated_while_a_host_watches_and_nobody_is_asked_nor_anything_left_behind()
    {
        await using var host = await RunningHost.StartAsync(storage, simulator);
        var (exitCode, output, errors) = await LocalHostProgram.RunAsync(["estimate", folder["minutes"]], Settings);
        Assert.True(exitCode == ExitCode.Success, errors);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t')).ToList();
        Assert.Equal(["a.txt", "b.txt", "(synthesis)", "(total)"], lines.Select(l => l[0]));
        Assert.Equal("0.00", lines[0][4]);
        Assert.InRange(decimal.Parse(lines[3][3], CultureInfo.InvariantCulture), 0.001m, 0.1m);
        Assert.Empty(simulator.Requests);
        await foreach (var blob in host.Account.Inbox.GetBlobsAsync(new GetBlobsOptions())) Assert.Fail($"{blob.Name} was left.");
    }

    [Fact]
    public async Task A_folder_that_asks_for_a_picture_is_estimated_with_it_and_gets_it_beside_its_report()
    {
        string[] settings = [.. Settings, "Ai:Text:Engine=Offline", "Ai:ImageGeneration:Deployment=gpt-image-2", "Ai:ImageGeneration:MaxUsd=0.05"];
        var town = Directory.CreateDirectory(folder["old town (1)"]).FullName;
        await File.WriteAllTextAsync(Path.Combine(town, "note.txt"), "The market opens at nine.");
        await File.WriteAllTextAsync(Path.Combine(town, "batch.json"), """{ "illustration": true }""");
        var estimate = await LocalHostProgram.RunAsync(["estimate", town], settings);
        Assert.Contains("(illustration)\t\t0.00\t0.0", estimate.Output, StringComparison.Ordinal);
        Assert.Empty(simulator.Requests);

        var (exitCode, output, errors) = await LocalHostProgram.RunAsync(["run", town], settings);
        Assert.True(exitCode == ExitCode.Success, errors);
        var picture = folder["old town (1).report.jpg"];
        Assert.Contains(picture, output, StringComparison.Ordinal);
        Assert.Equal([0xFF, 0xD8, 0xFF], (await File.ReadAllBytesAsync(picture))[..3]);
        Assert.Contains(
            "\n![Illustration](old%20town%20%281%29.report.jpg)\n", await File.ReadAllTextAsync(folder["old town (1).report.md"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cost_of_a_run_is_in_the_sums()
    {
        Assert.Equal(ExitCode.Success, (await LocalHostProgram.RunAsync(["run", folder["minutes"]], Settings)).ExitCode);
        var (exitCode, output, errors) = await LocalHostProgram.RunAsync(["costs", "--by", "batch"], Settings);
        Assert.True(exitCode == ExitCode.Success, errors);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t')).ToList();
        Assert.Equal(["minutes", "total"], lines.Select(l => l[0]));
        Assert.Equal("1", lines[0][1]);
        Assert.True(decimal.Parse(lines[0][2], CultureInfo.InvariantCulture) > 0);

        Assert.Equal(
            ExitCode.InvalidSetting, (await LocalHostProgram.RunAsync(["costs", "--from", "2026-02-02", "--to", "2026-02-01"], Settings)).ExitCode);
    }
}
