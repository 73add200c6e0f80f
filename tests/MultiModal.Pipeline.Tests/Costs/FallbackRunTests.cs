using AzureOpenAISimulator;
using AzureOpenAISimulator.Faults;
using Microsoft.Extensions.DependencyInjection;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Selection;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Estimates;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Tests.Costs;

/// <summary>Whole runs with a fallback: who answers, what is paid, and what the report and the ledger say of it.</summary>
[Collection(SharedAzurite.Name)]
public sealed class FallbackRunTests(AzuriteFixture azurite)
{
    private const string First = "gpt-4o";
    private const string Second = "gpt-4.1-mini";

    private static readonly (string, string)[] Settings =
        [("Ai:Vision:Deployment", First), ("Ai:Vision:Fallback:Deployment", Second), ("Ai:Text:Engine", "Off"), ("Ai:MaxAttempts", "3")];

    [Fact]
    public async Task A_deployment_that_dies_at_call_100_of_500_and_comes_back_fails_no_item_and_nothing_is_settled_twice()
    {
        const int items = 500;
        var clock = new LeapingClock();
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.ServerError) { Status = 503 }) { Deployment = First, From = 100 });
        await using var process = new PipelineProcess(
            azurite.NewConnectionString(), simulator, services => services.AddSingleton<TimeProvider>(clock), Settings);
        await process.Account.CreateContainersAsync(CancellationToken.None);
        await Parallel.ForAsync(0, items, async (i, _) => await process.DropAsync($"album/{i:000}.jpg", TestImage.Jpeg(i, 48, 32)));

        var running = process.RunAsync("album");
        await Eventually.IsTrueAsync("answers of the fallback", () => running.IsCompleted || Paid(simulator, Second) >= 100);
        Assert.Single(process.Get<EngineFactory>().ServingFallbacks);
        simulator.Play();
        clock.Leap(TimeSpan.FromSeconds(31));
        var report = await running;

        Assert.Equal((RunStatus.Succeeded, items), (report.Status, report.Items.Count));
        Assert.Empty(process.Get<EngineFactory>().ServingFallbacks);
        Assert.InRange(Paid(simulator, Second), 100, 350);
        Assert.Equal(items, Paid(simulator, First) + Paid(simulator, Second));
        Assert.All(simulator.Bill.Lines.GroupBy(line => line.ContentHash), content => Assert.Single(content));
        var ledger = await process.ReadLedgerAsync();
        Assert.All(ledger, line => Assert.Equal(LedgerState.Settled, line.State));
        Assert.Equal(
            simulator.Bill.Lines.Select(line => ($"AzureOpenAI/{line.Deployment}", (long)line.Usage.InputTokens, line.Usd)).Order(),
            ledger.Select(line => (line.Engine, line.Usage.InputTokens, line.CostUsd)).Order());
        Assert.Equal(simulator.Bill.Usd, report.Cost.SpentUsd);

        var looks = report.Items.SelectMany(item => item.Steps).Where(step => step.Step == StepNames.AnalyzeImage).ToList();
        Assert.Equal(Paid(simulator, Second), looks.Count(step => step.Fallback));
        Assert.All(looks, step => Assert.Equal(("AzureOpenAI", step.Fallback ? Second : First), (step.Provider, step.Model)));

        var calls = simulator.Requests.Count;
        var again = await process.RunAsync("album", 2);
        Assert.Equal((RunStatus.Succeeded, 0m, calls), (again.Status, again.Cost.SpentUsd, simulator.Requests.Count));
        Assert.Equal(Paid(simulator, Second), again.Items.SelectMany(item => item.Steps).Count(step => step.Fallback));
    }

    [Fact]
    public async Task Two_processes_of_which_each_asks_the_others_fallback_make_one_call_for_each_content()
    {
        const int pictures = 24;
        var storage = azurite.NewConnectionString();
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.Delay) { DelayMs = 50 }));
        await using var one = new PipelineProcess(storage, simulator, [.. Settings, ("Images:Optimize", "false")]);
        await using var other = new PipelineProcess(
            storage,
            simulator,
            [.. Settings, ("Ai:Vision:Deployment", Second), ("Ai:Vision:Fallback:Deployment", First), ("Images:Optimize", "false")]);
        await one.Account.CreateContainersAsync(CancellationToken.None);
        for (var i = 0; i < pictures; i++)
        {
            // Small enough to be sent as they are, whoever is asked.
            var picture = TestImage.Jpeg(i, 48, 32);
            await one.DropAsync($"here/{i:00}.jpg", picture);
            await one.DropAsync($"there/{pictures - i:00}.jpg", picture);
        }

        var reports = await Task.WhenAll(one.RunAsync("here"), other.RunAsync("there"));

        Assert.All(reports, report => Assert.Equal(RunStatus.Succeeded, report.Status));
        Assert.Equal(pictures, simulator.Bill.Lines.Count);
        Assert.All(simulator.Bill.Lines.GroupBy(line => line.ContentHash), content => Assert.Single(content));
        Assert.Equal(pictures, (await one.ReadLedgerAsync()).Count(line => line.State == LedgerState.Settled));
    }

    [Fact]
    public async Task The_dearer_price_is_reserved_and_the_one_of_the_engine_that_answered_is_settled()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        await using var process = new PipelineProcess(
            azurite.NewConnectionString(), simulator,
            [.. Settings, ("Ai:Vision:Deployment", "gpt-5.6-luna"), ("Ai:Vision:Fallback:Deployment", "gpt-5.6-sol")]);
        await process.Account.CreateContainersAsync(CancellationToken.None);
        await process.DropAsync("album/a.jpg", TestImage.Jpeg(1));
        var estimate = (await process.Get<BatchEstimator>().EstimateAsync(BatchName.Parse("album"), CancellationToken.None)).Value;
        var image = Assert.Single((await process.RunAsync("album")).Items).Image!;

        var fallback = process.Get<EngineSet>().Vision!.Fallback!;
        var instead = fallback.Estimate(image.SentWidth, image.SentHeight, "low", language: null);
        var line = Assert.Single(await process.ReadLedgerAsync());
        Assert.Equal((simulator.Bill.Usd, "AzureOpenAI/gpt-5.6-luna"), (line.CostUsd, line.Engine));
        Assert.Equal(process.Get<PriceBook>().PriceOf(fallback.Identity, instead.Expected, line.ReservedAt), line.EstimatedUsd);
        Assert.InRange(line.CostUsd!.Value, estimate.Total.LeastUsd, estimate.Total.ExpectedUsd * 2);
        Assert.Equal(process.Get<PriceBook>().PriceOf(fallback.Identity, instead.Most, line.ReservedAt), estimate.Total.MostUsd);
    }

    [Fact]
    public async Task What_the_first_engine_was_paid_for_before_it_died_has_a_line_of_its_own()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(
            new ScriptRule(new Fault(FaultKind.NotJson)) { Deployment = First, Nth = 1 },
            new ScriptRule(new Fault(FaultKind.AnswerLost)) { Deployment = First, Nth = 2 },
            new ScriptRule(new Fault(FaultKind.ServerError)) { Deployment = First, From = 3 });
        await using var process = new PipelineProcess(azurite.NewConnectionString(), simulator, Settings);
        await process.Account.CreateContainersAsync(CancellationToken.None);
        await process.DropAsync("album/a.jpg", TestImage.Jpeg(1));
        var report = await process.RunAsync("album");

        Assert.Equal(RunStatus.Succeeded, report.Status);
        var ledger = (await process.ReadLedgerAsync()).Select(line => (line.Engine, line.State)).Order();
        Assert.Equal(
            [
                ("AzureOpenAI/gpt-4.1-mini", LedgerState.Settled), ("AzureOpenAI/gpt-4o", LedgerState.Settled),
                ("AzureOpenAI/gpt-4o", LedgerState.Unknown),
            ],
            ledger);
        var asked = simulator.Bill.Lines.Where(line => line.Delivered).Sum(line => line.Usd);
        var lost = Assert.Single(simulator.Bill.Lines, line => !line.Delivered);
        Assert.Equal(asked, report.Cost.SpentUsd);
        Assert.InRange(lost.Usd!.Value, 0.0000001m, report.Cost.UnknownUsd);
        Assert.Equal(5, Assert.Single(report.Items).Steps.Single(step => step.Step == StepNames.AnalyzeImage).Attempts);
    }

    [Fact]
    public async Task While_a_budget_is_set_a_fallback_without_a_price_is_not_asked()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Deploy(new("nova-1", AzureOpenAISimulator.Models.ModelFamilies.Find(First)));
        await using var process = new PipelineProcess(
            azurite.NewConnectionString(), simulator, [.. Settings, ("Ai:Vision:Fallback:Deployment", "nova-1"), ("Budget:PerRunUsd", "1")]);
        await process.Account.CreateContainersAsync(CancellationToken.None);
        await process.DropAsync("album/a.jpg", TestImage.Jpeg(1));
        var item = Assert.Single((await process.RunAsync("album")).Items);

        Assert.Equal(FailureCodes.ModelUnpriced, item.Error?.Code);
        Assert.Contains("nova-1", item.Error!.Message, StringComparison.Ordinal);
        Assert.Empty(simulator.Requests);
    }

    private static int Paid(SimulatorServer simulator, string deployment) => simulator.Bill.Lines.Count(line => line.Deployment == deployment);

    /// <summary>The system's clock, which can be set forward, timestamps included.</summary>
    private sealed class LeapingClock : TimeProvider
    {
        private long ahead;

        public void Leap(TimeSpan by) => Interlocked.Add(ref ahead, by.Ticks);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;

        public override long GetTimestamp() => base.GetTimestamp() + (long)(Ahead.TotalSeconds * TimestampFrequency);

        private TimeSpan Ahead => TimeSpan.FromTicks(Interlocked.Read(ref ahead));
    }
}
