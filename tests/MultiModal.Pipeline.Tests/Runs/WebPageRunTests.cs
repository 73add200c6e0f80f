using AzureOpenAISimulator;
using AzureOpenAISimulator.Wire;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Synthesis;

namespace MultiModal.Pipeline.Tests.Runs;

/// <summary>Web pages through whole runs, and files that only look like texts.</summary>
[Collection(SharedAzurite.Name)]
public sealed class WebPageRunTests(AzuriteFixture azurite)
{
    private const string Note = "The ferry leaves at nine from the covered quay.";

    private static readonly string Page =
        "<!DOCTYPE html><html><head><script>var counter = 1;</script></head><body>"
        + string.Concat(
            Enumerable.Range(1, 60).Select(stall => $"<p class=\"stall wide\">Stall {stall} sells apples and bread at the harbour.</p>\n"))
        + "</body></html>";

    [Fact]
    public async Task A_web_page_is_sent_to_the_model_without_its_tags_and_read_once()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        await using var process = await ReadyAsync(simulator);
        await process.DropAsync("site/note.txt", Note);
        await process.DropAsync("site/page.html", Page);
        var report = await process.RunAsync("site");
        Assert.StartsWith("Stall 1 sells apples", report.Items[1].Text, StringComparison.Ordinal);
        var sent = Assert.Single(simulator.Requests).Body!.ToJsonString();
        Assert.Contains("Stall 60 sells apples", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("stall wide", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("counter", sent, StringComparison.Ordinal);

        var again = await process.RunAsync("site", 2);
        Assert.Single(simulator.Requests);
        Assert.Equal(CacheOutcome.Hit, again.Items[1].Steps.Single().Cache);
    }

    [Fact]
    public async Task A_synthesis_that_was_paid_when_pages_were_read_with_their_tags_is_found()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        await using var process = await ReadyAsync(simulator);
        await process.DropAsync("site/note.txt", Note);
        await process.DropAsync("site/page.html", Page);

        // What version 1.0 stored: the inputs' texts were the files as they are.
        var group = new SynthesisGroup([new SynthesisInput("note.txt", "text", Note), new SynthesisInput("page.html", "text", Page)]);
        var key = CacheKey.Create(StepNames.Synthesize, group.Hash(), 1, process.Get<EngineSet>().Text!.Identity, null, null);
        var paid = new SynthesisDocument("The market", "It was paid for before.", [], [], [], "en");
        await process.Get<ContentCache>().StoreAsync(
            key, BatchName.Parse("site"), new CachedAnswer<SynthesisDocument>(paid, null, Usage.None, 0, DateTimeOffset.UnixEpoch),
            CancellationToken.None);

        var report = await process.RunAsync("site");
        Assert.Equal("It was paid for before.", report.Synthesis?.Summary);
        Assert.Empty(simulator.Requests);
    }

    [Fact]
    public async Task Encoded_files_and_erased_memory_are_unsupported_and_no_model_sees_them()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        await using var process = await ReadyAsync(simulator);
        await process.DropAsync("mixed/a.b64", Convert.ToBase64String(TestImage.Jpeg(3)));
        await process.DropAsync("mixed/b.txt", $"data:image/jpeg;base64,{Convert.ToBase64String(TestImage.Jpeg(3))}");
        var erased = new byte[4096];
        Array.Fill(erased, (byte)0xFF);
        await process.DropAsync("mixed/c.txt", erased);
        await process.DropAsync("mixed/d.txt", Note);
        var report = await process.RunAsync("mixed");
        Assert.Equal(RunStatus.Succeeded, report.Status);
        Assert.Equal(
            [FailureCodes.EncodedContent, FailureCodes.EncodedContent, FailureCodes.UnknownFormat, null], report.Items.Select(i => i.Error?.Code));
        Assert.All(report.Items.Take(3), i => Assert.Equal(ItemStatus.Unsupported, i.Status));
        Assert.DoesNotContain(simulator.Requests, r => r.Kind == CallKind.Chat);
    }

    private async Task<PipelineProcess> ReadyAsync(SimulatorServer simulator)
    {
        var process = new PipelineProcess(azurite.NewConnectionString(), simulator);
        await process.Account.CreateContainersAsync(CancellationToken.None);
        return process;
    }
}
