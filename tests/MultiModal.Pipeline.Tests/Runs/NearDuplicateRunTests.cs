using System.Text.Json;
using Azure.Storage.Blobs;
using AzureOpenAISimulator;
using AzureOpenAISimulator.Faults;
using Microsoft.Extensions.DependencyInjection;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Estimates;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Steps;
using MultiModal.Pipeline.Workflow;
using NetVips;

namespace MultiModal.Pipeline.Tests.Runs;

/// <summary>Pictures that are the same, encoded or resized differently, through whole runs.</summary>
[Collection(SharedAzurite.Name)]
public sealed class NearDuplicateRunTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly string storage = azurite.NewConnectionString();
    private SimulatorServer simulator = null!;

    public async Task InitializeAsync() => simulator = await SimulatorServer.StartAsync();

    public async Task DisposeAsync() => await simulator.DisposeAsync();

    [Fact]
    public async Task A_hundred_pictures_in_three_encodings_are_a_hundred_calls_over_all_slices()
    {
        const int Pictures = 100;
        await using var process = await StartAsync();
        await Parallel.ForAsync(0, Pictures, async (seed, _) =>
        {
            await process.DropAsync($"album/a/{seed:D3}.png", Photo(seed).PngsaveBuffer());
            await process.DropAsync($"album/b/{seed:D3}.jpg", Photo(seed).JpegsaveBuffer(q: 70));
            await process.DropAsync($"album/c/{seed:D3}.jpg", Photo(seed).Resize(0.8).JpegsaveBuffer(q: 85));
        });
        var report = await process.RunAsync("album");

        Assert.Equal(Pictures, simulator.Requests.Count);
        Assert.Equal(RunStatus.Succeeded, report.Status);
        Assert.All(report.Items, item => Assert.Equal(item.Name[0] == 'a' ? null : $"a/{item.Name[2..5]}.png", item.SimilarTo));
        Assert.All(report.Items.Where(item => item.SimilarTo is not null), item =>
        {
            var original = report.Items.Single(other => other.Name == item.SimilarTo);
            Assert.InRange(item.Distance!.Value, 0, 1);
            Assert.Equal((original.Image!.Description, ItemStatus.Succeeded), (item.Image!.Description, item.Status));
            Assert.Equal([StepNames.OptimizeImage], item.Steps.Select(step => step.Step));
        });
        Assert.Equal(160, report.Items[^1].Image!.Width);
        var json = await TextOfAsync(process.Account.Results, "album/report.json");
        await ReportSchema.HoldsAsync(json);
        Assert.Contains("the same picture as a/000.png", await TextOfAsync(process.Account.Results, "album/report.md"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pictures_that_differ_in_a_line_or_in_one_digit_are_looked_at_each()
    {
        await using var process = await StartAsync();
        await process.DropAsync("bills/a.png", Page("Invoice 4711", "Total 1,284.50", "Due on Monday").PngsaveBuffer());
        await process.DropAsync("bills/b.jpg", Page("Invoice 4711", "Total 1,234.50", "Due on Monday").JpegsaveBuffer(q: 85));
        await process.DropAsync("bills/c.jpg", Page("Invoice 4711", "Total 1,284.50", "Paid on Friday").JpegsaveBuffer(q: 85));
        await process.DropAsync("bills/d.jpg", Page("Invoice 4711", "Total 1,284.50", "Due on Monday").JpegsaveBuffer(q: 80));
        var report = await process.RunAsync("bills");
        Assert.Equal([null, null, null, "a.png"], report.Items.Select(item => item.SimilarTo));
        Assert.Equal(3, simulator.Requests.Count);
    }

    [Fact]
    public async Task If_the_first_picture_fails_the_next_one_is_looked_at_in_its_place()
    {
        await using var process = await StartAsync();
        await DropFourAsync(process);
        simulator.Play(new ScriptRule(new Fault(FaultKind.PromptFiltered)) { Nth = 1 });
        var report = await process.RunAsync("album");
        Assert.Equal(
            [(ItemStatus.Failed, null), (ItemStatus.Succeeded, null), (ItemStatus.Succeeded, "b.jpg"), (ItemStatus.Succeeded, "b.jpg")],
            report.Items.Select(item => (item.Status, item.SimilarTo)));
        Assert.Equal(2, simulator.Requests.Count);

        simulator.Play();
        var again = await process.RunAsync("album", 2);
        Assert.Equal([null, "a.png", "a.png", "a.png"], again.Items.Select(item => item.SimilarTo));
        Assert.Equal(3, simulator.Requests.Count);
        Assert.Equal(0, (await process.RunAsync("album", 3)).Cost.SpentUsd);
    }

    [Fact]
    public async Task If_every_picture_fails_each_is_tried_and_the_run_ends()
    {
        await using var process = await StartAsync();
        await DropFourAsync(process);
        await process.DropAsync("album/e.jpg", Photo(1).JpegsaveBuffer(q: 66));
        await process.DropAsync("album/f.jpg", Photo(1).JpegsaveBuffer(q: 60));
        simulator.Play(new ScriptRule(new Fault(FaultKind.PromptFiltered)));
        var report = await process.RunAsync("album");
        Assert.Equal((RunStatus.Failed, 6), (report.Status, simulator.Requests.Count));
        Assert.All(report.Items, item => Assert.Null(item.SimilarTo));
    }

    [Fact]
    public async Task An_estimate_counts_a_picture_once()
    {
        await using var process = await StartAsync();
        await DropFourAsync(process);
        var estimate = (await process.Get<BatchEstimator>().EstimateAsync(BatchName.Parse("album"), CancellationToken.None)).Value;
        Assert.Equal([1, 0, 0, 0], estimate.Items.Select(item => item.Calls));
        var report = await process.RunAsync("album");
        Assert.InRange(report.Cost.SpentUsd, estimate.Total.LeastUsd, estimate.Total.MostUsd);
    }

    [Fact]
    public async Task A_duplicate_of_a_similar_picture_and_a_synthesis_say_what_the_first_says_once()
    {
        await using var process = new PipelineProcess(storage, simulator, Settings("true"));
        await process.Account.CreateContainersAsync(CancellationToken.None);
        await DropFourAsync(process);
        await process.DropAsync("album/e.jpg", Photo(1).JpegsaveBuffer(q: 70));
        await process.DropAsync("album/note.txt", "The ferry leaves at nine from the covered quay.");
        var report = await process.RunAsync("album");
        Assert.Equal(
            [(null, null), (null, "a.png"), (null, "a.png"), (null, "a.png"), ("b.jpg", "a.png"), (null, null)],
            report.Items.Select(item => (item.DuplicateOf, item.SimilarTo)));
        var asked = simulator.Requests[^1].Body!.ToJsonString();
        Assert.Contains("a.png", asked, StringComparison.Ordinal);
        Assert.DoesNotContain("c.jpg", asked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_resumed_by_a_host_without_the_option_ends_as_it_began()
    {
        var run = new RunReference(BatchName.Parse("album"), 1);
        await using (var first = await StartAsync())
        {
            await DropFourAsync(first);
            await first.Activities.RunAsync(TakeInventoryStep.Definition, run, CancellationToken.None);
            for (var index = 0; index < 4; index++)
            {
                await first.Activities.RunAsync(
                    OptimizeImageStep.Definition, new ItemReference(run, index, MayDivide: true), CancellationToken.None);
            }

            await first.Activities.RunAsync(FindDuplicatesStep.Definition, new DuplicateSearch(run, 0), CancellationToken.None);
        }

        await using var second = new PipelineProcess(storage, simulator, Settings("false"));
        var report = await second.RunAsync("album");
        Assert.Equal([null, "a.png", "a.png", "a.png"], report.Items.Select(item => item.SimilarTo));
        Assert.Single(simulator.Requests);
    }

    [Fact]
    public async Task A_run_that_found_nothing_similar_again_after_a_crash_keeps_what_was_found_first()
    {
        var run = new RunReference(BatchName.Parse("album"), 1);
        await using var process = await StartAsync();
        await DropFourAsync(process);
        await process.Activities.RunAsync(TakeInventoryStep.Definition, run, CancellationToken.None);
        var first = new SimilarPictures([new SimilarPicture(2, 0, 0.5)], []);
        await process.Runs.WriteSimilarAsync(run, 0, first, CancellationToken.None);
        Assert.Equal([null, null, "a.png", null], (await process.RunAsync("album")).Items.Select(item => item.SimilarTo));
        Assert.Equal(3, simulator.Requests.Count);
    }

    [Fact]
    public async Task Without_the_option_nothing_is_stored_or_asked_for_it()
    {
        await using var process = new PipelineProcess(storage, simulator, Settings(isOn: null));
        await process.Account.CreateContainersAsync(CancellationToken.None);
        await DropFourAsync(process);
        Assert.All((await process.RunAsync("album")).Items, item => Assert.Null(item.SimilarTo));
        // Four pictures and the synthesis.
        Assert.Equal(5, simulator.Requests.Count);
        foreach (var container in new[] { process.Account.State, process.Account.Cache, process.Account.Results })
        {
            // Marks and locks may go while they are read.
            var prefix = container == process.Account.State ? $"{BatchName.Parse("album").Key}/" : null;
            await foreach (var blob in container.GetBlobsAsync(new() { Prefix = prefix }))
            {
                var text = await TextOfAsync(container, blob.Name);
                Assert.DoesNotContain("similar", blob.Name, StringComparison.OrdinalIgnoreCase);
                Assert.All(
                    ["nearDuplicates", "sketch", "similarTo", "distance"],
                    member => Assert.DoesNotContain($"\"{member}\"", text, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public void Without_the_option_the_inputs_of_activities_are_as_they_were()
    {
        var run = new RunReference(BatchName.Parse("album"), 1);
        using var slice = JsonDocument.Parse(JsonSerializer.Serialize(new SliceReference(run, 3, PartsApart: true), PipelineJson.Options));
        Assert.Equal(["run", "slice", "partsApart"], slice.RootElement.EnumerateObject().Select(member => member.Name));
        using var inventory = JsonDocument.Parse(JsonSerializer.Serialize(new InventoryResult(4), PipelineJson.Options));
        Assert.Equal(["count", "failure"], inventory.RootElement.EnumerateObject().Select(member => member.Name));
    }

    private static (string, string)[] Settings(string? isOn) =>
        [("Ai:Vision:Deployment", "gpt-4.1-mini"), .. isOn is null ? [] : new[] { ("Images:NearDuplicates", isOn) }];

    private static async Task<string> TextOfAsync(BlobContainerClient container, string name) =>
        (await container.GetBlobClient(name).DownloadContentAsync()).Value.Content.ToString();

    private static async Task DropFourAsync(PipelineProcess process)
    {
        await process.DropAsync("album/a.png", Photo(1).PngsaveBuffer());
        await process.DropAsync("album/b.jpg", Photo(1).JpegsaveBuffer(q: 70));
        await process.DropAsync("album/c.jpg", Photo(1).Resize(0.8).JpegsaveBuffer(q: 85));
        await process.DropAsync("album/d.webp", Photo(1).WebpsaveBuffer(q: 80));
    }

    private static Image Photo(int seed) => Image.Gaussnoise(200, 150, sigma: 400, mean: 128, seed: seed).Gaussblur(4).Cast(Enums.BandFormat.Uchar);

    private static Image Page(params string[] lines)
    {
        using var letters = Image.Text(string.Join('\n', lines), font: "DejaVu Sans 16", dpi: 72);
        return letters.Embed(20, 20, 400, 300).Invert();
    }

    private async Task<PipelineProcess> StartAsync()
    {
        var process = new PipelineProcess(
            storage, simulator, services => services.AddSingleton(new RecordKeeping(Together: true)),
            [("Ai:Text:Engine", "Off"), .. Settings("true")]);
        await process.Account.CreateContainersAsync(CancellationToken.None);
        return process;
    }
}
