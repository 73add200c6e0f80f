using AzureOpenAISimulator;
using AzureOpenAISimulator.Wire;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Runs;

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
        Assert.All(bill, line => Assert.Equal(ServiceTier.Default, line.Tier));
        Assert.All(ledger, line => Assert.Equal((LedgerState.Settled, false), (line.State, line.PriceAssumed)));
        Assert.Equal(
            bill.Select(line => new Call(
                line.Kind == CallKind.Transcription, line.Usage.InputTokens, line.Usage.CachedTokens, line.Usage.CacheWriteTokens,
                line.Usage.AudioTokens, line.Usage.OutputTokens, line.Usage.AudioSeconds, line.Usd)).OrderBy(call => call.ToString()),
            ledger.Select(line => new Call(
                line.Step == StepNames.TranscribeAudio, line.Usage.InputTokens, line.Usage.CachedInputTokens, line.Usage.CacheWriteTokens,
                line.Usage.AudioInputTokens, line.Usage.OutputTokens, line.Usage.AudioSeconds, line.CostUsd)).OrderBy(call => call.ToString()));
        Assert.Equal(simulator.Bill.Usd, ledger.Sum(line => line.CostUsd));
        Assert.Equal(simulator.Bill.Usd, report.Cost.SpentUsd);
        Assert.Contains(bill, line => line.Usage.CachedTokens + line.Usage.CacheWriteTokens > 0);
        Assert.All(ledger, line => Assert.True(line.EstimatedUsd >= line.CostUsd, $"{line.Step}: {line.EstimatedUsd} for {line.CostUsd}"));
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

    private static bool IsOfImage(SimulatorServer simulator, int call) =>
        simulator.Requests.Single(request => request.Number == call).Media.Count > 0;

    /// <summary>What a call used, by kind, and what it costs. The price is not rounded.</summary>
    private sealed record Call(
        bool Transcription, long Input, long Cached, long Written, long Audio, long Output, double Seconds, decimal? Usd)
    {
        public override string ToString() => FormattableString.Invariant(
            $"{Transcription} {Input} {Cached} {Written} {Audio} {Output} {Seconds}");
    }
}
