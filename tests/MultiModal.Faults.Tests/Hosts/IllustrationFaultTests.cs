using AzureOpenAISimulator;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Wire;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Faults.Tests.Hosts;

/// <summary>The real host, killed around its dearest call: the picture of a report is paid for once, or twice at most where its answer is lost.</summary>
[Collection(SharedAzurite.Name)]
public sealed class IllustrationFaultTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly string direct = azurite.NewConnectionString();
    private readonly string hub = azurite.NewConnectionString();
    private SimulatorServer simulator = null!;
    private StorageProxy proxy = null!;
    private MediaAccount account = null!;
    private Invariants invariants = null!;

    public async Task InitializeAsync()
    {
        simulator = await SimulatorServer.StartAsync();
        proxy = await StorageProxy.StartAsync(direct);
        account = MediaAccount.Open(new StorageOptions { ConnectionString = direct });
        invariants = new Invariants(direct, simulator);
        await account.CreateContainersAsync(CancellationToken.None);
        await DropAsync("town/batch.json", """{ "illustration": true }""");
        await DropAsync("town/note.txt", "The ferry leaves at nine from the covered quay.");
    }

    public async Task DisposeAsync()
    {
        await proxy.DisposeAsync();
        await simulator.DisposeAsync();
    }

    private int Pictures => simulator.Bill.Lines.Count(line => line.Kind == CallKind.ImageGeneration);

    public static TheoryData<string, string, string, bool, int> Points => new()
    {
        { "before the request is sent", "/state/", "pictures/", true, 1 },
        { "between the answer and the cache", "/cache/generate-image/", ".jpg", false, 2 },
        { "between the file and its entry in the cache", "/cache/generate-image/", ".jpg", true, 2 },
        { "between the cache and the results", "/results/town/runs/", "/illustration.jpg", false, 1 },
    };

    [Theory]
    [Trait("Host", "Any")]
    [MemberData(nameof(Points))]
    public async Task A_host_killed_around_the_answer_is_taken_over_and_the_report_has_its_picture(
        string point, string container, string blob, bool afterwards, int paid)
    {
        var checkpoint = proxy.Hold(r => r.IsUpload && r.Touches(container) && r.Touches(blob), afterwards);
        await using (var first = Start())
        {
            await Eventually.IsAsync(point, () => Task.FromResult(checkpoint.Reached.IsCompleted ? checkpoint : null));
            await first.KillAsync();
        }

        checkpoint.Release();
        await using var second = Start();
        await invariants.HoldAsync(await invariants.AtRestAsync(second, HostUnderTest.RestLimit));
        var report = await ReportAsync();
        Assert.Equal((StepStatus.Succeeded, RunStatus.Succeeded, paid), (report.Illustration!.Status, report.Status, Pictures));
        Assert.True(await account.Results.GetBlobClient($"town/{report.Illustration.File}").ExistsAsync());

        // What was paid once more is unknown, at what was reserved.
        Assert.Equal(paid == 1 && report.Illustration.Step!.Cache == CacheOutcome.Hit ? 0m : 0.05m, report.Cost.UnknownUsd);
    }

    [Fact]
    [Trait("Host", "Any")]
    public async Task Hosts_killed_while_they_wait_for_the_answer_pay_for_two_pictures_and_no_more()
    {
        simulator.Play(new ScriptRule(new Fault(FaultKind.Delay) { DelayMs = 600_000 }) { Kind = CallKind.ImageGeneration });
        for (var killed = 1; killed <= 2; killed++)
        {
            await using var host = Start();
            await Eventually.IsAsync("a picture is made", () => Task.FromResult(Pictures == killed ? simulator : null), HostUnderTest.RestLimit);
            await host.KillAsync();
        }

        simulator.Play();
        await using var last = Start();
        await invariants.HoldAsync(await invariants.AtRestAsync(last, HostUnderTest.RestLimit));
        var report = await ReportAsync();
        Assert.Equal((StepStatus.Failed, "picture-lost", 2), (report.Illustration!.Status, report.Illustration.Error?.Code, Pictures));
        Assert.Equal((RunStatus.PartiallySucceeded, 0m, 0.10m), (report.Status, report.Cost.SpentUsd, report.Cost.UnknownUsd));
        Assert.NotNull(report.Synthesis);
    }

    private ChildProcess Start() => HostUnderTest.Start(proxy.ConnectionString, hub, simulator);

    private async Task DropAsync(string name, string text) => await account.Inbox.GetBlobClient(name).UploadAsync(BinaryData.FromString(text));

    private async Task<Report> ReportAsync() => (await account.Results.ReadJsonAsync<Report>("town/report.json", CancellationToken.None))!.Value;
}
