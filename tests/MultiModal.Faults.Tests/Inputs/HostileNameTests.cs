using System.Text;
using AzureOpenAISimulator;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Steps;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Faults.Tests.Inputs;

[Collection(SharedAzurite.Name)]
public sealed class HostileNameTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly string storage = azurite.NewConnectionString();
    private SimulatorServer simulator = null!;
    private PipelineProcess process = null!;

    public async Task InitializeAsync()
    {
        simulator = await SimulatorServer.StartAsync();
        process = new PipelineProcess(storage, simulator);
        await process.Account.CreateContainersAsync(CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await process.DisposeAsync();
        await simulator.DisposeAsync();
    }

    [Fact]
    public async Task Every_name_that_storage_takes_is_one_item()
    {
        string[] names =
        [
            "with spaces .txt", "caf\u00e9.txt", "cafe\u0301.txt", "50%2Foff.txt", "%2e%2e%2f.txt", ".hidden.txt", "..txt", "Case.txt", "case.TXT",
            "a+b&c=d#e?.txt", "quote\"'.txt", "<b>bold</b>.txt", "emoji\U0001F600.txt", "right\u202eto-left.txt", "deep/er/est.txt",
            "semi;colon,comma.txt",
            $"{new string('n', 1024 - "names/".Length - ".txt".Length)}.txt",
        ];
        for (var number = 0; number < names.Length; number++) await process.DropAsync($"names/{names[number]}", $"Note number {number} has a name.");
        var report = await process.RunAsync("names");
        Assert.Equal(names.Order(StringComparer.Ordinal), report.Items.Select(i => i.Name));
        await new Invariants(storage, simulator).HoldAsync([BatchName.Parse("names")]);
        foreach (var item in report.Items.Where(i => i.Error is not null)) Assert.Equal("unreadable-name", item.Error!.Code);
        Assert.InRange(report.Items.Count(i => i.Error is null), names.Length - 2, names.Length);
    }

    [Theory]
    [InlineData("deleted")]
    [InlineData("replaced")]
    [InlineData("grown")]
    public async Task A_change_to_a_file_during_a_run_is_reported_and_the_next_run_sees_it(string change)
    {
        var blob = process.Account.Inbox.GetBlobClient("moving/a.txt");
        await process.DropAsync("moving/a.txt", "The ferry leaves at nine.");
        await process.DropAsync("moving/b.txt", "The baker promised loaves.");
        var run = new RunReference(BatchName.Parse("moving"), 1);
        await process.Activities.RunAsync(TakeInventoryStep.Definition, run, CancellationToken.None);
        if (change == "deleted") await blob.DeleteAsync();
        else await process.DropAsync("moving/a.txt", change == "grown" ? "The ferry leaves at nine. And at ten." : "Something else.");

        // The process that took the inventory has a copy; another one fetches the file again.
        await using var elsewhere = new PipelineProcess(storage, simulator);
        var result = await BatchWorkflow.RunAsync(elsewhere.Steps, run);
        Assert.True(result.Superseded);
        Assert.Equal("changed-during-run", (await process.ReadReportAsync("moving")).Items[0].Error?.Code);

        var next = await process.RunAsync("moving", 2);
        Assert.Equal(RunStatus.Succeeded, next.Status);
        Assert.Equal(change == "deleted" ? 1 : 2, next.Items.Count);
        await new Invariants(storage, simulator).HoldAsync([BatchName.Parse("moving")]);
    }
}
