using System.Text.Json;
using AzureOpenAISimulator;
using MultiModal.LocalHost.Hosting;
using MultiModal.Testing.Reports;
using NJsonSchema;

namespace MultiModal.LocalHost.Tests;

/// <summary>What the commands write for programs, held to docs/command-line.schema.json.</summary>
[Collection(SharedAzurite.Name)]
public sealed class JsonOutputTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private readonly string storage = azurite.NewConnectionString();
    private SimulatorServer simulator = null!;

    public async Task InitializeAsync()
    {
        simulator = await SimulatorServer.StartAsync();
        Directory.CreateDirectory(folder["minutes"]);
        await File.WriteAllTextAsync(Path.Combine(folder["minutes"], "a.txt"), "Anna presents the budget.");
        await File.WriteAllTextAsync(Path.Combine(folder["minutes"], "b.txt"), "Ben sends the slides.");
        await File.WriteAllTextAsync(Path.Combine(folder["minutes"], "empty.txt"), "");
        File.CreateSymbolicLink(Path.Combine(folder["minutes"], "link.txt"), "a.txt");
    }

    public async Task DisposeAsync()
    {
        folder.Dispose();
        await simulator.DisposeAsync();
    }

    [Fact]
    public async Task Every_command_that_ends_by_itself_writes_one_document_of_the_schema_and_nothing_else()
    {
        var estimate = await WriteAsync("estimate", ExitCode.Success, "estimate", folder["minutes"]);
        Assert.Equal(["a.txt", "b.txt", "empty.txt"], Names(estimate.GetProperty("items")));

        var run = await WriteAsync("run", ExitCode.PartiallySucceeded, "run", folder["minutes"]);
        Assert.Equal(("minutes", "partiallySucceeded", 3, 2), (Text(run, "batch"), Text(run, "status"), Number(run, "items"), Number(run, "succeeded")));
        Assert.Equal(["empty.txt"], Names(run.GetProperty("notSucceeded")));
        Assert.Equal("empty-file", Text(run.GetProperty("notSucceeded")[0], "code"));
        Assert.Single(run.GetProperty("skipped").EnumerateArray());
        Assert.True(run.GetProperty("spentUsd").GetDecimal() > 0);
        Assert.True(File.Exists(Text(run, "report")) && File.Exists(Text(run, "markdown")));

        var batches = await WriteAsync("batches", ExitCode.Success, "status");
        Assert.Equal("partiallySucceeded", Text(batches.GetProperty("batches")[0], "status"));
        var batch = await WriteAsync("batch", ExitCode.Success, "status", "minutes");
        Assert.Equal(3, Number(batch, "items"));
        Assert.NotEmpty(batch.GetProperty("steps").EnumerateArray());

        var costs = await WriteAsync("costs", ExitCode.Success, "costs", "--by", "batch");
        Assert.Equal(run.GetProperty("spentUsd").GetDecimal(), costs.GetProperty("total").GetProperty("spentUsd").GetDecimal());

        var doctor = await WriteAsync("doctor", null, "doctor");
        Assert.Contains(doctor.GetProperty("findings").EnumerateArray(), f => Text(f, "what") == "storage" && Text(f, "state") == "there");
    }

    [Fact]
    public async Task A_stored_report_is_written_as_it_is()
    {
        await RunAsync("run", folder["minutes"]);
        await RunAsync("run", folder["minutes"]);
        var (exitCode, latest, _) = await RunAsync("report", "minutes", "--output", "json");
        Assert.Equal(ExitCode.Success, exitCode);
        await ReportSchema.HoldsAsync(latest);
        Assert.Equal(await File.ReadAllTextAsync(folder["minutes.report.json"]), latest);
        Assert.Equal(2, Number(JsonDocument.Parse(latest).RootElement, "runSeq"));
        Assert.Equal(1, Number(JsonDocument.Parse((await RunAsync("report", "minutes", "--run", "1", "--output", "json")).Output).RootElement, "runSeq"));
        Assert.Equal(await File.ReadAllTextAsync(folder["minutes.report.md"]), (await RunAsync("report", "minutes")).Output);

        foreach (var command in new[] { new[] { "report", "nothing" }, ["report", "minutes", "--run", "7"] })
        {
            var missing = await RunAsync(command);
            Assert.Equal((ExitCode.Usage, ""), (missing.ExitCode, missing.Output));
            Assert.StartsWith("batch-not-found: There is no report", missing.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_run_ends_by_saying_what_did_not_succeed_and_what_it_cost()
    {
        var (_, output, _) = await RunAsync("run", folder["minutes"]);
        Assert.Contains("minutes: empty.txt failed: empty-file: ", output, StringComparison.Ordinal);
        Assert.Matches(@"minutes: 2 of 3 items succeeded; 0\.\d+ USD spent, 0\.00\d* USD saved", output);
    }

    [Fact]
    public async Task What_fails_is_one_line_on_standard_error_with_json_too()
    {
        var (exitCode, output, errors) = await RunAsync("status", "nothing", "--output", "json");
        Assert.Equal((ExitCode.Usage, ""), (exitCode, output));
        Assert.StartsWith("batch-not-found: ", errors, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, (await RunAsync("status", "--output", "xml")).ExitCode);
    }

    private Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] command) =>
        LocalHostProgram.RunAsync(command, RunningHost.Settings(storage, simulator));

    private async Task<JsonElement> WriteAsync(string definition, int? expected, params string[] command)
    {
        var (exitCode, output, errors) = await RunAsync([.. command, "--output", "json"]);
        Assert.True(expected is null || exitCode == expected, $"{exitCode}: {errors}");
        var schema = await JsonSchema.FromFileAsync(Repository.File("docs", "command-line.schema.json"));
        var wrong = schema.Definitions[definition].Validate(output);
        Assert.True(wrong.Count == 0, $"{string.Join('\n', wrong)}\n{output}");
        return JsonDocument.Parse(output).RootElement;
    }

    private static string[] Names(JsonElement items) => [.. items.EnumerateArray().Select(i => Text(i, "name"))];

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();
}
