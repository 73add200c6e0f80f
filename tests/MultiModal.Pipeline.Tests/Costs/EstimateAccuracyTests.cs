using System.Globalization;
using AzureOpenAISimulator;
using AzureOpenAISimulator.Content;
using AzureOpenAISimulator.Wire;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Estimates;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Tests.Costs;

/// <summary>What an estimate says a run will cost is what the simulator then charges, give or take a quarter.</summary>
[Collection(SharedAzurite.Name)]
public sealed class EstimateAccuracyTests(AzuriteFixture azurite, Speech speech) : IClassFixture<Speech>
{
    private const string Minute =
        "The committee met on Monday in the small hall. Anna reported that the new pump was delivered and works. Ben will ask three firms for "
        + "the roof and send their offers before the end of the month. The festival keeps its date, and the school lends its tables. ";

    [Theory]
    [InlineData("gpt-4o", "whisper")]
    [InlineData("gpt-4.1-mini", "gpt-4o-mini-transcribe")]
    [InlineData("gpt-5-mini", "gpt-4o-transcribe")]
    [InlineData("gpt-5.6-luna", "gpt-4o-mini-transcribe")]
    [InlineData("gpt-6-luna", "whisper")]
    public async Task A_mixed_batch_costs_what_was_estimated_give_or_take_a_quarter(string chat, string ears)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        await using var process = new PipelineProcess(
            azurite.NewConnectionString(), simulator, ("Ai:Vision:Deployment", chat), ("Ai:Text:Deployment", chat), ("Ai:Speech:Deployment", ears));
        await process.Account.CreateContainersAsync(CancellationToken.None);
        await DropAsync(process);

        // People say what they say, whoever listens: the first run only shows which pieces are sent.
        await process.RunAsync("mixed", 1);
        foreach (var piece in simulator.Requests.Where(r => r.Kind == CallKind.Transcription))
        {
            simulator.Know(new KnownContent(piece.ContentHash!, Speech.Text));
        }

        string[] paid = [StepNames.AnalyzeImage, StepNames.TranscribeAudio, StepNames.Synthesize];
        await foreach (var blob in process.Account.Cache.GetBlobsAsync())
        {
            if (paid.Contains(blob.Name.Split('/')[0])) await process.Account.Cache.DeleteBlobAsync(blob.Name);
        }

        var estimate = (await process.Get<BatchEstimator>().EstimateAsync(BatchName.Parse("mixed"), CancellationToken.None)).Value;
        var before = simulator.Bill.Usd;
        var report = await process.RunAsync("mixed", 2);
        var cost = simulator.Bill.Usd - before;
        Assert.Equal(RunStatus.Succeeded, report.Status);
        Assert.Equal(cost, report.Cost.SpentUsd);
        var ratio = estimate.Total.ExpectedUsd / cost;
        Assert.True(
            ratio is >= 0.75m and <= 1.25m,
            string.Create(CultureInfo.InvariantCulture, $"{ratio:0.00}: {estimate.Total.ExpectedUsd} for {cost}; synthesis {estimate.Synthesis}"));
        Assert.InRange(cost, estimate.Total.LeastUsd, estimate.Total.MostUsd);
    }

    private async Task DropAsync(PipelineProcess process)
    {
        (int Width, int Height)[] photos = [(4000, 3000), (1024, 1024), (1200, 1600), (640, 480)];
        foreach (var (index, (width, height)) in photos.Index())
        {
            await process.DropAsync($"mixed/photo{index}.jpg", TestImage.Photo(index, width, height));
        }

        await process.DropAsync("mixed/talk.wav", await File.ReadAllBytesAsync(speech.Wav));
        await process.DropAsync("mixed/note.txt", "Bread, butter, and a present for Ben.");
        await process.DropAsync("mixed/minutes.txt", string.Concat(Enumerable.Repeat(Minute, 12)));
        await process.DropAsync("mixed/letter.txt", string.Concat(Enumerable.Repeat(Minute, 3)));
    }
}
