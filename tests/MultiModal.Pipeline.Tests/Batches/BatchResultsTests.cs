using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Tests.Batches;

/// <summary>Reports are found where this version stores them, and where version 1.0 stored those of a batch with a long name.</summary>
[Collection(SharedAzurite.Name)]
public sealed class BatchResultsTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly BatchName Holiday = BatchName.Parse("holiday");
    private static readonly BatchName Long = BatchName.Parse(new string('x', 600));

    private MediaAccount account = null!;
    private BatchResults results = null!;

    public async Task InitializeAsync() => results = new BatchResults(account = await azurite.NewAccountAsync());

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_report_lies_in_the_folder_of_its_batch_whether_it_is_there_or_not()
    {
        Assert.Equal("holiday/report.json", await LocateAsync(Holiday, "report.json"));
        Assert.Equal($"{Long.ResultsFolder}/runs/3/report.md", await LocateAsync(Long, "runs/3/report.md"));
    }

    [Fact]
    public async Task What_version_1_0_stored_elsewhere_is_found_there_until_there_is_a_newer_one()
    {
        await PutAsync($"{Long.Key}/report.json", Report(Long));
        await PutAsync($"{Long.Key}/runs/3/report.json", Report(Long));
        Assert.Equal($"{Long.Key}/report.json", await LocateAsync(Long, "report.json"));
        Assert.Equal($"{Long.Key}/report.md", await LocateAsync(Long, "report.md"));
        Assert.Equal($"{Long.Key}/runs/3/items/0.json", await LocateAsync(Long, "runs/3/items/0.json"));
        Assert.Equal($"{Long.ResultsFolder}/runs/4/items/0.json", await LocateAsync(Long, "runs/4/items/0.json"));

        await PutAsync($"{Long.ResultsFolder}/report.json", Report(Long));
        Assert.Equal($"{Long.ResultsFolder}/report.json", await LocateAsync(Long, "report.json"));
    }

    [Theory]
    [InlineData("{ \"batch\": \"another\" }")]
    [InlineData("{ \"batch\": 7 }")]
    [InlineData("{ \"title\": \"batch\" }")]
    [InlineData("not JSON")]
    public async Task A_report_that_does_not_name_the_batch_is_another_ones(string report)
    {
        await PutAsync($"{Long.Key}/report.json", report);
        await PutAsync($"{Long.Key}/runs/3/report.json", report);

        Assert.Equal($"{Long.ResultsFolder}/report.json", await LocateAsync(Long, "report.json"));
        Assert.Empty(await results.ListRunsAsync(Long, CancellationToken.None));
        Assert.Equal([$"{Long.ResultsFolder}/report.json", $"{Long.ResultsFolder}/report.md"], await FilesAsync(Long));
    }

    [Fact]
    public async Task A_name_within_the_report_does_not_make_it_the_batches()
    {
        await PutAsync($"{Long.Key}/report.json", $$"""{ "options": { "batch": "{{Long}}" }, "batch": "another" }""");
        Assert.Equal($"{Long.ResultsFolder}/report.json", await LocateAsync(Long, "report.json"));
    }

    [Fact]
    public async Task A_long_report_is_known_by_its_beginning()
    {
        await PutAsync($"{Long.Key}/report.json", $$"""{ "schemaVersion": 1, "batch": "{{Long}}", "text": "{{new string('t', 40_000)}}" }""");
        Assert.Equal($"{Long.Key}/report.json", await LocateAsync(Long, "report.json"));
    }

    [Fact]
    public async Task The_runs_of_a_batch_are_those_that_left_anything()
    {
        foreach (var path in new[] { "runs/1/report.json", "runs/12/items/0.json", "runs/latest/report.json", "runs/7", "report.json" })
        {
            await PutAsync($"holiday/{path}", Report(Holiday));
        }

        Assert.Equal([1, 12], (await results.ListRunsAsync(Holiday, CancellationToken.None)).Order());
    }

    [Fact]
    public async Task The_runs_of_both_places_are_one_list()
    {
        await PutAsync($"{Long.ResultsFolder}/runs/2/report.json", Report(Long));
        await PutAsync($"{Long.ResultsFolder}/runs/3/report.json", Report(Long));
        await PutAsync($"{Long.Key}/runs/1/report.json", Report(Long));
        await PutAsync($"{Long.Key}/runs/2/report.json", Report(Long));
        await PutAsync($"{Long.Key}/runs/9/report.json", Report(Holiday));

        Assert.Equal([1, 2, 3], (await results.ListRunsAsync(Long, CancellationToken.None)).Order());
    }

    [Fact]
    public async Task The_files_of_a_batch_are_listed_without_those_of_a_batch_that_is_named_like_one_of_its_runs()
    {
        string[] own = ["runs/1/report.json", "runs/1/items/0.json"];
        foreach (var path in own) await PutAsync($"holiday/{path}", Report(Holiday));
        await PutAsync("holiday/runs/1/runs/2/report.json", "{}");
        await PutAsync("holiday/runs/notes/report.json", "{}");
        await PutAsync("holiday/day 2/report.json", "{}");

        Assert.Equal(
            ["holiday/report.json", "holiday/report.md", "holiday/runs/1/items/0.json", "holiday/runs/1/report.json"], await FilesAsync(Holiday));
    }

    [Fact]
    public async Task The_files_of_version_1_0_are_listed_run_by_run_if_they_are_the_batches()
    {
        await PutAsync($"{Long.Key}/report.json", Report(Long));
        await PutAsync($"{Long.Key}/runs/1/report.json", Report(Long));
        await PutAsync($"{Long.Key}/runs/1/items/0.json", "{}");
        await PutAsync($"{Long.Key}/runs/2/report.json", Report(Holiday));
        await PutAsync($"{Long.Key}/runs/2/items/0.json", "{}");

        Assert.Equal(
            [
                $"{Long.ResultsFolder}/report.json", $"{Long.ResultsFolder}/report.md",
                $"{Long.Key}/runs/1/items/0.json", $"{Long.Key}/runs/1/report.json", $"{Long.Key}/report.json", $"{Long.Key}/report.md",
            ],
            await FilesAsync(Long));
    }

    private async Task<string> LocateAsync(BatchName batch, string path) => (await results.LocateAsync(batch, path, CancellationToken.None)).Name;

    private async Task<List<string>> FilesAsync(BatchName batch) => await results.ListFilesAsync(batch, CancellationToken.None).ToListAsync();

    private async Task PutAsync(string name, string content) => await account.Results.GetBlobClient(name).UploadAsync(BinaryData.FromString(content));

    private static string Report(BatchName batch) => $$"""{ "schemaVersion": 1, "batch": "{{batch}}", "runSeq": 1 }""";
}
