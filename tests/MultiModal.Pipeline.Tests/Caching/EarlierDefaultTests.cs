using AzureOpenAISimulator;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Estimates;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Tests.Caching;

/// <summary>
/// Version 1.0 asked gpt-4.1-mini at OpenAI where nobody named a model. Keys name the provider and the model and no address, so that a simulator stands
/// in for OpenAI while the answers are made.
/// </summary>
[Collection(SharedAzurite.Name)]
public sealed class EarlierDefaultTests(AzuriteFixture azurite, Speech speech) : IClassFixture<Speech>
{
    private static readonly (string, string)[] NobodyNamedAModel = [("OPENAI_API_KEY", "k")];

    [Fact]
    public async Task What_the_earlier_default_answered_costs_nothing_under_the_new_one()
    {
        var storage = azurite.NewConnectionString();
        await using var simulator = await SimulatorServer.StartAsync();
        await using (var before = new PipelineProcess(storage, null, AsVersionOne(simulator)))
        {
            await before.Account.CreateContainersAsync(CancellationToken.None);
            await before.DropAsync("album/a.jpg", TestImage.Photo(1, 4000, 3000));
            await before.DropAsync("album/b.png", TestImage.Jpeg(2, 900, 1600));
            await before.DropAsync("album/talk.wav", await File.ReadAllBytesAsync(speech.Wav));
            await before.DropAsync("album/note.txt", "The ferry leaves at nine from the covered quay.");
            Assert.Equal(RunStatus.Succeeded, (await before.RunAsync("album")).Status);
        }

        // Nothing answers at OpenAI: a call would fail its item.
        await using var today = new PipelineProcess(storage, null, NobodyNamedAModel);
        Assert.Equal("gpt-5.6-luna", today.Get<EngineSet>().Vision!.Identity.Model);
        var estimate = (await today.Get<BatchEstimator>().EstimateAsync(BatchName.Parse("album"), CancellationToken.None)).Value;
        Assert.Equal((0, 3), (estimate.Items.Sum(item => item.Calls), estimate.Items.Sum(item => item.Known)));
        var report = await today.RunAsync("album", 2);

        Assert.Equal((RunStatus.Succeeded, 0m), (report.Status, report.Cost.SpentUsd));
        Assert.All(report.Items.SelectMany(item => item.Steps).Where(step => step.Cache != CacheOutcome.None), s => Assert.Equal(CacheOutcome.Hit, s.Cache));
        var paid = report.Items.SelectMany(item => item.Steps).Where(step => step.Engine is not null).ToList();
        Assert.Equal(["OpenAI/gpt-4.1-mini", "OpenAI/gpt-4.1-mini", "OpenAI/whisper-1"], paid.Select(step => step.Engine).Order());
        Assert.Equal("OpenAI/gpt-4.1-mini", report.Synthesis!.Engine);
        Assert.DoesNotContain(await today.ReadLedgerAsync(), line => line.RunSeq == 2 && line.CostUsd > 0);
    }

    [Fact]
    public async Task An_answer_that_is_found_is_deleted_with_its_batch()
    {
        var storage = azurite.NewConnectionString();
        await using var simulator = await SimulatorServer.StartAsync();
        await using (var before = new PipelineProcess(storage, null, AsVersionOne(simulator)))
        {
            await before.Account.CreateContainersAsync(CancellationToken.None);
            await before.DropAsync("album/a.jpg", TestImage.Jpeg(1));
            await before.RunAsync("album");
        }

        await using var today = new PipelineProcess(storage, null, NobodyNamedAModel);
        await today.RunAsync("album", 2);
        var analysed = await today.Account.Cache.GetBlobsAsync().Select(b => b.Name).Where(n => n.StartsWith("analyze-image/", StringComparison.Ordinal))
            .ToListAsync();
        var uses = await today.Runs.ListCacheUseAsync(BatchName.Parse("album"), CancellationToken.None).ToListAsync();
        Assert.Contains(Assert.Single(analysed), uses);
    }

    [Fact]
    public void Who_names_a_model_gets_its_answers_alone()
    {
        using var named = Ai.Engines.With(TimeProvider.System, ("OPENAI_API_KEY", "k"), ("Ai:Vision:Model", "gpt-5.6-luna"));
        Assert.Empty(named.Set.Vision!.Identity.Earlier);
        Assert.Equal(["gpt-4.1-mini"], named.Set.Text!.Identity.Earlier.Select(engine => engine.Model));
    }

    private static (string, string)[] AsVersionOne(SimulatorServer simulator) =>
    [
        ("OPENAI_BASE_URL", new Uri(simulator.Endpoint, "v1").ToString()), ("OPENAI_API_KEY", simulator.Key), ("Ai:Vision:Model", "gpt-4.1-mini"),
        ("Ai:Text:Model", "gpt-4.1-mini"), ("Ai:Speech:Model", "whisper-1"),
    ];
}
