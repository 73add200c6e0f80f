using AzureOpenAISimulator;
using MultiModal.Functions.Runs;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Steps;
using MultiModal.Pipeline.Testing.Images;
using MultiModal.Pipeline.Testing.Runs;
using MultiModal.Pipeline.Webhooks;
using MultiModal.Testing.Programs;

namespace MultiModal.Functions.Tests.Runs;

/// <summary>Pictures that are sent in several requests, through the orchestrations of the app, with models at the simulator.</summary>
[Collection(SharedAzurite.Name)]
public sealed class PictureRunTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Tiles_and_pages_are_looked_at_each_and_paid_for_once()
    {
        using var folder = new TemporaryFolder();
        await using var simulator = await SimulatorServer.StartAsync();
        await using var process = new PipelineProcess(azurite.NewConnectionString(), simulator);
        await process.Account.CreateContainersAsync(CancellationToken.None);
        await process.DropAsync("pictures/chat.png", await File.ReadAllBytesAsync(TextPicture.Draw(TextPictureKind.Chat, seed: 1, folder.Path).Path));
        await Tool.ImageMagickAsync("-size", "600x400", "plasma:red-blue", "plasma:lime-black", folder["pages.tif"]);
        await process.DropAsync("pictures/pages.tif", await File.ReadAllBytesAsync(folder["pages.tif"]));
        await using var host = await RunHost.StartAsync(
            new StepFunctions(process.Get<StepSet>(), process.Runs, process.Get<CompletionWebhook>()));
        var run = new RunReference(BatchName.Parse("pictures"), 1);
        Assert.NotNull(await host.RunAsync(run));

        var report = await process.ReadReportAsync("pictures");
        var tiles = report.Items[0].Image!.Tiles!.Value;
        Assert.True(tiles > 1);
        Assert.Equal(2, report.Items[1].Image!.Pages);
        Assert.Equal((RunStatus.Succeeded, tiles + 2 + 1), (report.Status, simulator.Requests.Count));
        Assert.NotNull(await host.RunAsync(run with { RunSeq = 2 }));
        Assert.Equal(0, (await process.ReadReportAsync("pictures")).Cost.SpentUsd);
        Assert.Equal(tiles + 2 + 1, simulator.Requests.Count);
    }
}
