using System.Globalization;
using AzureOpenAISimulator;
using AzureOpenAISimulator.Billing;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Models;
using AzureOpenAISimulator.Wire;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Tests.Ai;

namespace MultiModal.Pipeline.Tests.Costs;

/// <summary>The ledger against the bill of the simulator, whose prices and rules were written apart from the product's.</summary>
[Collection(SharedAzurite.Name)]
public sealed class LedgerAgainstBillTests(AzuriteFixture azurite, Speech speech) : IClassFixture<Speech>
{
    private const int Images = 120;
    private const int Recordings = 16;
    private const int Texts = 64;

    [Theory]
    [InlineData("gpt-4o", "whisper")] // tiles; seconds
    [InlineData("gpt-4.1-mini", "gpt-4o-transcribe")] // patches; tokens, of audio too
    [InlineData("gpt-5-mini", "gpt-4o-mini-transcribe")] // reasoning
    [InlineData("gpt-5.6-luna", "whisper")] // writing into the provider's cache is charged
    [InlineData("gpt-6-luna", "gpt-4o-mini-transcribe")]
    public async Task Two_hundred_mixed_items_are_in_the_ledger_as_they_are_on_the_bill_call_by_call(string chat, string ears)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Settings = simulator.Settings with { PromptCaching = true };

        // As if the project were set to it now and then: no request asks for a tier.
        simulator.Play(new ScriptRule(new Fault(FaultKind.OtherTier) { Tier = ServiceTier.Flex }) { Kind = CallKind.Chat, Every = 3 });
        await using var process = new PipelineProcess(
            azurite.NewConnectionString(), simulator, ("Ai:Vision:Deployment", chat), ("Ai:Text:Deployment", chat), ("Ai:Speech:Deployment", ears),
            ("Ai:SynthesisInputTokens", "3000"));
        await process.Account.CreateContainersAsync(CancellationToken.None);
        await DropAsync(process);

        var report = await process.RunAsync("mixed");

        Assert.Equal((RunStatus.Succeeded, Images + Recordings + Texts), (report.Status, report.Items.Count));
        var bill = simulator.Bill.Lines;
        var ledger = await process.ReadLedgerAsync();
        Assert.Equal(Images + Recordings, bill.Count(line => line.Kind == CallKind.Transcription || IsOfImage(simulator, line.Call)));
        Assert.InRange(bill.Count(line => line.Tier == ServiceTier.Flex), Images / 3, (Images + Texts) / 3);
        Assert.All(ledger, line => Assert.Equal((LedgerState.Settled, false), (line.State, line.PriceAssumed)));
        Assert.Equal(
            bill.Select(line => new Call(
                line.Kind == CallKind.Transcription, TierOf(line), line.Usage.InputTokens, line.Usage.CachedTokens, line.Usage.CacheWriteTokens,
                line.Usage.AudioTokens, line.Usage.OutputTokens, line.Usage.AudioSeconds, line.Usd)).OrderBy(call => call.ToString()),
            ledger.Select(line => new Call(
                line.Step == StepNames.TranscribeAudio, line.Usage.Tier, line.Usage.InputTokens, line.Usage.CachedInputTokens, line.Usage.CacheWriteTokens,
                line.Usage.AudioInputTokens, line.Usage.OutputTokens, line.Usage.AudioSeconds, line.CostUsd)).OrderBy(call => call.ToString()));
        Assert.Equal(simulator.Bill.Usd, ledger.Sum(line => line.CostUsd));
        Assert.Equal(simulator.Bill.Usd, report.Cost.SpentUsd);
        Assert.Contains(bill, line => line.Usage.CachedTokens + line.Usage.CacheWriteTokens > 0);
        Assert.All(ledger, line => Assert.True(line.EstimatedUsd >= line.CostUsd, $"{line.Step}: {line.EstimatedUsd} for {line.CostUsd}"));
    }

    [Theory]
    [InlineData("gpt-5.6-luna", ServiceTier.Flex, "0.5", false)]
    [InlineData("gpt-5.6-luna", ServiceTier.Priority, "2", false)]
    [InlineData("gpt-4o", ServiceTier.Flex, "0.5", false)]
    [InlineData("gpt-4o", ServiceTier.Priority, "2", true)] // its price is not published
    public async Task A_call_is_priced_by_the_tier_that_its_answer_names(string chat, ServiceTier tier, string share, bool assumed)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        await using var process = new PipelineProcess(
            azurite.NewConnectionString(), simulator, ("Ai:Vision:Deployment", chat), ("Ai:Text:Engine", "Offline"));
        await process.Account.CreateContainersAsync(CancellationToken.None);
        await process.DropAsync("usual/a.jpg", TestImage.Jpeg(1));
        await process.RunAsync("usual");
        simulator.Play(new ScriptRule(new Fault(FaultKind.OtherTier) { Tier = tier }));
        await process.DropAsync("other/b.jpg", TestImage.Jpeg(2));
        var report = await process.RunAsync("other");

        var ledger = await process.ReadLedgerAsync();
        var (usual, other) = (ledger.Single(line => line.Batch == "usual"), ledger.Single(line => line.Batch == "other"));
        Assert.Equal((null, tier.ToString().ToLowerInvariant()), (usual.Usage.Tier, other.Usage.Tier));
        Assert.Equal(usual.Usage with { Tier = other.Usage.Tier }, other.Usage);
        Assert.Equal(usual.CostUsd * decimal.Parse(share, CultureInfo.InvariantCulture), other.CostUsd);
        Assert.Equal((false, assumed), (usual.PriceAssumed, other.PriceAssumed));
        Assert.Equal(other.CostUsd, report.Cost.SpentUsd);
        Assert.Equal(assumed ? [$"AzureOpenAI/{chat}"] : [], report.Cost.Assumed);
        if (!assumed) Assert.Equal(simulator.Bill.Usd, ledger.Sum(line => line.CostUsd));
    }

    [Fact]
    public async Task Attempts_at_one_call_are_priced_each_by_its_own_tier()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(
            new ScriptRule(new Fault(FaultKind.NotJson)) { Nth = 1 }, new ScriptRule(new Fault(FaultKind.OtherTier) { Tier = ServiceTier.Flex }) { Nth = 2 });
        await using var process = new PipelineProcess(
            azurite.NewConnectionString(), simulator, ("Ai:Vision:Deployment", "gpt-5.6-luna"), ("Ai:Text:Engine", "Offline"));
        await process.Account.CreateContainersAsync(CancellationToken.None);
        await process.DropAsync("album/a.jpg", TestImage.Jpeg(1));
        await process.RunAsync("album");

        Assert.Equal([ServiceTier.Default, ServiceTier.Flex], simulator.Bill.Lines.Select(line => line.Tier));
        var entry = Assert.Single(await process.ReadLedgerAsync());
        Assert.Equal(("default+flex", simulator.Bill.Usd), (entry.Usage.Tier, entry.CostUsd));
    }

    [Fact]
    public async Task A_model_that_only_a_file_of_the_host_knows_is_asked_counted_and_priced_by_it()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["models.json"], CatalogueRows.Of(CatalogueRows.Chat("nova-1")).ToJsonString());
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Settings = simulator.Settings with { PromptCaching = true };
        simulator.Deploy(new Deployment("nova-1", ModelFamilies.Find("gpt-5.6-luna")));
        (string, string)[] settings =
        [
            ("Ai:Vision:Deployment", "nova-1"), ("Ai:Text:Deployment", "nova-1"), ("Ai:Speech:Engine", "Off"), ("Budget:PerRunUsd", "0.05"),
        ];

        await using (var without = new PipelineProcess(azurite.NewConnectionString(), simulator, settings))
        {
            await without.Account.CreateContainersAsync(CancellationToken.None);
            await without.DropAsync("album/a.jpg", TestImage.Jpeg(1));
            Assert.Equal("model-unpriced", Assert.Single((await without.RunAsync("album")).Items).Error?.Code);
            Assert.Empty(simulator.Requests);
        }

        await using var process = new PipelineProcess(
            azurite.NewConnectionString(), simulator, [.. settings, ("Models:Catalogue", folder["models.json"])]);
        await process.Account.CreateContainersAsync(CancellationToken.None);
        for (var i = 0; i < 8; i++) await process.DropAsync($"album/{i}.jpg", TestImage.Jpeg(i, 300 + (i * 100), 800));
        await process.DropAsync("album/note.txt", "The ferry leaves at nine from the covered quay.");
        var report = await process.RunAsync("album");

        Assert.Equal((RunStatus.Succeeded, 9), (report.Status, report.Items.Count));
        var ledger = await process.ReadLedgerAsync();
        Assert.Equal(9, ledger.Count);
        Assert.Equal(simulator.Bill.Lines.Select(line => line.Usd).Order(), ledger.Select(line => line.CostUsd).Order());
        Assert.Equal(simulator.Bill.Usd, report.Cost.SpentUsd);
        Assert.All(ledger, line => Assert.False(line.PriceAssumed));

        // Images are counted before the call by the rule of the file. The dearest rule that is known would make twice as much of them.
        var looks = report.Items.SelectMany(item => item.Steps).Where(step => step.Step == StepNames.AnalyzeImage).ToList();
        Assert.Equal(8, looks.Count);
        Assert.All(looks, look => Assert.InRange(look.Estimate!.InputTokens, look.Usage.InputTokens, look.Usage.InputTokens * 4 / 3));
        Assert.All(simulator.Requests, call => Assert.Equal("none", (string?)call.Body!["reasoning_effort"]));
        Assert.All(simulator.Requests, call => Assert.True(call.Body!.ContainsKey("max_completion_tokens")));
    }

    [Fact]
    public async Task A_price_that_Azure_does_not_publish_is_assumed_a_fifth_dearer_and_marked_so()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        await using var process = new PipelineProcess(
            azurite.NewConnectionString(), simulator, ("Ai:Vision:Deployment", "gpt-5.4-mini"), ("Ai:Text:Engine", "Offline"));
        await process.Account.CreateContainersAsync(CancellationToken.None);
        await process.DropAsync("album/a.jpg", TestImage.Jpeg(1));
        var report = await process.RunAsync("album");

        var line = Assert.Single(await process.ReadLedgerAsync());
        Assert.True(line.PriceAssumed);
        Assert.Equal(["AzureOpenAI/gpt-5.4-mini"], report.Cost.Assumed);
        Assert.Equal(simulator.Bill.Usd * 1.2m, line.CostUsd);
        Assert.Equal(line.CostUsd, report.Cost.SpentUsd);
        var markdown = (await process.Account.Results.GetBlobClient("album/report.md").DownloadContentAsync()).Value.Content.ToString();
        Assert.Contains("By an assumed price, because none is published: AzureOpenAI/gpt-5.4-mini.", markdown, StringComparison.Ordinal);
    }

    private async Task DropAsync(PipelineProcess process)
    {
        for (var i = 0; i < Images; i++) await process.DropAsync($"mixed/image{i:000}.jpg", TestImage.Jpeg(i, 300 + (i * 7), 900 - (i * 3)));
        var words = await File.ReadAllBytesAsync(speech.Wav);
        for (var i = 0; i < Recordings; i++)
        {
            // Each recording ends a little later than the one before.
            var samples = words.AsSpan(44, (5 + (i / 4)) * 32_000 + (i * 320));
            await process.DropAsync($"mixed/talk{i:00}.wav", [.. Wav.Header(samples.Length), .. samples]);
        }

        for (var i = 0; i < Texts; i++)
        {
            var minutes = Enumerable.Repeat($"Group {i} met at nine and agreed on point {i * 3}. ", 1 + (i % 9));
            await process.DropAsync($"mixed/note{i:00}.txt", string.Concat(minutes));
        }

        await process.DropAsync(
            "mixed/batch.json", $$"""{"instructions": "{{string.Concat(Enumerable.Repeat("Write as plainly as you can. ", 130))}}"}""");
    }

    /// <summary>The tier as an answer names it; null for the standard one.</summary>
    private static string? TierOf(BillLine line) => line.Tier == ServiceTier.Default ? null : line.Tier.ToString().ToLowerInvariant();

    private static bool IsOfImage(SimulatorServer simulator, int call) =>
        simulator.Requests.Single(request => request.Number == call).Media.Count > 0;

    /// <summary>What a call used, by kind, and what it costs. The price is not rounded.</summary>
    private sealed record Call(
        bool Transcription, string? Tier, long Input, long Cached, long Written, long Audio, long Output, double Seconds, decimal? Usd)
    {
        public override string ToString() => FormattableString.Invariant(
            $"{Transcription} {Tier} {Input} {Cached} {Written} {Audio} {Output} {Seconds}");
    }
}
