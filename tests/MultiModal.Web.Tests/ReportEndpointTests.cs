using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Azure.Core;
using Azure.Storage.Blobs;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Web.Tests;

[Collection(SharedAzurite.Name)]
public sealed class ReportEndpointTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private const string Json = """{"runSeq":2}""";
    private const string Markdown = "# Minutes";

    private ApiServer server = null!;

    private HttpClient Client => server.Client;

    public async Task InitializeAsync()
    {
        server = await ApiServer.StartAsync(await azurite.NewAccountAsync());
        await server.KnowsAsync(new BatchState { Batch = BatchName.Parse("b"), RunSeq = 2, LastStatus = RunStatus.Succeeded });
        await WriteAsync("b/report.json", Json);
        await WriteAsync("b/report.md", Markdown);
        await WriteAsync("b/runs/1/report.json", """{"runSeq":1}""");
        await WriteAsync("b/runs/2/items/0.json", """{"index":0}""");
        await WriteAsync("b/runs/2/items/0.vtt", "WEBVTT");
        await WriteAsync("b/runs/2/items/0.srt", "1");
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Theory]
    [InlineData(null, "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("text/html, application/xhtml+xml, */*;q=0.8", "application/json")]
    [InlineData("text/markdown", "text/markdown")]
    [InlineData("text/*", "text/markdown")]
    [InlineData("application/json;q=0.5, text/markdown;q=0.6", "text/markdown")]
    [InlineData("application/json;q=0.6, text/markdown;q=0.5", "application/json")]
    [InlineData("text/markdown, */*;q=0.1", "text/markdown")]
    [InlineData("text/markdown, */*", "text/markdown")]
    [InlineData("text/markdown;q=0, */*", "application/json")]
    [InlineData("application/json;q=0, */*;q=0.1", "text/markdown")]
    [InlineData("text/markdown; charset=utf-8", "text/markdown")]
    [InlineData("TEXT/Markdown;charset=\"UTF-8\"", "text/markdown")]
    [InlineData("text/markdown; variant=GFM", "text/markdown")]
    [InlineData("application/json; charset=utf-8", "application/json")]
    [InlineData("text/markdown; charset=utf-8; q=0.2, application/json;q=0.4", "application/json")]
    [InlineData("text/markdown;q=0.2, text/markdown; charset=utf-8, application/json;q=0.4", "text/markdown")]
    [InlineData("text/markdown; charset=utf-16, application/json;q=0.1", "application/json")]
    public async Task The_report_comes_in_the_form_that_is_liked_best(string? accept, string expected)
    {
        using var response = await GetAsync("/api/batches/b/report", accept);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(expected, response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(expected == "application/json" ? Json : Markdown, await response.Content.ReadAsStringAsync());
        Assert.Contains("Accept", response.Headers.Vary);
    }

    [Theory]
    [InlineData("image/png")]
    [InlineData("*/*;q=0")]
    [InlineData("text/markdown; charset=utf-16")]
    public async Task A_form_that_reports_do_not_have_is_not_acceptable(string accept)
    {
        using var response = await GetAsync("/api/batches/b/report", accept);

        await ApiServer.AssertProblemAsync(response, 406, "not-acceptable");
    }

    [Fact]
    public async Task A_report_that_the_caller_has_is_not_sent_again_until_it_changes()
    {
        using var first = await GetAsync("/api/batches/b/report");
        var known = first.Headers.ETag!;
        using var same = await GetAsync("/api/batches/b/report", etag: known);
        using var otherForm = await GetAsync("/api/batches/b/report", "text/markdown", known);
        await WriteAsync("b/report.json", """{"runSeq":3}""");
        using var changed = await GetAsync("/api/batches/b/report", etag: known);

        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.Equal(known, same.Headers.ETag);
        Assert.Empty(await same.Content.ReadAsByteArrayAsync());
        Assert.Equal(HttpStatusCode.OK, otherForm.StatusCode);
        Assert.Equal("""{"runSeq":3}""", await changed.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_report_of_an_earlier_run_is_there_by_its_number()
    {
        using var response = await GetAsync("/api/batches/b/report?run=1");
        using var never = await GetAsync("/api/batches/b/report?run=7");

        Assert.Equal("""{"runSeq":1}""", await response.Content.ReadAsStringAsync());
        await ApiServer.AssertProblemAsync(never, 404, "run-not-found");
    }

    [Theory]
    [InlineData("illustration.jpg", "image/jpeg")]
    [InlineData("illustration.png", "image/png")]
    public async Task The_picture_of_a_report_is_returned_as_what_it_is(string file, string mediaType)
    {
        await WriteAsync($"b/runs/1/{file}", "a picture");
        using var response = await GetAsync("/api/batches/b/runs/1/illustration");
        using var none = await GetAsync("/api/batches/b/runs/2/illustration");
        using var noRun = await GetAsync("/api/batches/b/runs/0/illustration");
        using var noBatch = await GetAsync("/api/batches/c/runs/1/illustration");

        Assert.Equal((HttpStatusCode.OK, mediaType), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Equal("a picture", await response.Content.ReadAsStringAsync());
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        await ApiServer.AssertProblemAsync(none, 404, "item-not-found");
        await ApiServer.AssertProblemAsync(noRun, 404, "run-not-found");
        await ApiServer.AssertProblemAsync(noBatch, 404, "batch-not-found");
    }

    [Fact]
    public async Task A_report_that_version_1_0_kept_under_the_hash_of_a_long_name_is_that_batch_s_and_nobody_else_s()
    {
        var longer = BatchName.Parse(new string('x', 600));
        var report = $$"""{"schemaVersion":1,"batch":"{{longer.Value}}","runSeq":1}""";
        await WriteAsync($"{longer.Key}/report.json", report);
        await WriteAsync($"{longer.Key}/report.md", Markdown);
        await WriteAsync($"{longer.Key}/runs/1/report.json", report);
        await WriteAsync($"{longer.Key}/runs/1/items/0.json", """{"index":0}""");
        await WriteAsync($"{longer.Key}/runs/2/report.json", $$"""{"schemaVersion":1,"batch":"{{longer.Key}}","runSeq":2}""");
        await WriteAsync($"{longer.Key}/runs/2/items/0.json", """{"index":0}""");
        await server.KnowsAsync(new BatchState { Batch = longer, RunSeq = 1, LastStatus = RunStatus.Succeeded });

        Assert.Equal(report, await server.Client.GetStringAsync($"/api/batches/{longer.Value}/report"));
        Assert.Equal(report, await server.Client.GetStringAsync($"/api/batches/{longer.Value}/report?run=1"));
        Assert.Equal("""{"index":0}""", await server.Client.GetStringAsync($"/api/batches/{longer.Value}/runs/1/items/0"));
        using var ofAnother = await GetAsync($"/api/batches/{longer.Value}/runs/2/items/0");
        await ApiServer.AssertProblemAsync(ofAnother, 404, "item-not-found");
        var details = await server.Client.GetFromJsonAsync<JsonElement>($"/api/batches/{longer.Value}");
        Assert.Equal(1, Assert.Single(details.GetProperty("runs").EnumerateArray()).GetProperty("runSeq").GetInt32());
    }

    [Fact]
    public async Task A_batch_named_like_the_hash_of_another_has_no_report_of_the_other()
    {
        var longer = BatchName.Parse(new string('x', 600));
        await WriteAsync($"{longer.ResultsFolder}/report.json", Json);
        await server.KnowsAsync(new BatchState { Batch = longer, RunSeq = 1, LastStatus = RunStatus.Succeeded });
        foreach (var name in new[] { longer.Key, longer.ResultsFolder })
        {
            await server.KnowsAsync(new BatchState { Batch = BatchName.Parse(name) });
            using var response = await GetAsync($"/api/batches/{name}/report");
            await ApiServer.AssertProblemAsync(response, 404, "report-not-ready");
        }

        Assert.Equal(Json, await server.Client.GetStringAsync($"/api/batches/{longer.Value}/report"));
    }

    [Fact]
    public async Task Before_the_first_report_the_response_says_when_to_ask_again()
    {
        await server.KnowsAsync(new BatchState { Batch = BatchName.Parse("young"), RunSeq = 1, Phase = BatchPhase.Running });
        using var latest = await GetAsync("/api/batches/young/report");
        using var byNumber = await GetAsync("/api/batches/young/report?run=1");

        await ApiServer.AssertProblemAsync(latest, 404, "report-not-ready");
        Assert.NotNull(latest.Headers.RetryAfter?.Delta);
        await ApiServer.AssertProblemAsync(byNumber, 404, "report-not-ready");
    }

    [Theory]
    [InlineData("0", "application/json", """{"index":0}""")]
    [InlineData("0.json", "application/json", """{"index":0}""")]
    [InlineData("0.vtt", "text/vtt", "WEBVTT")]
    [InlineData("0.srt", "application/x-subrip", "1")]
    public async Task The_files_of_an_item_are_served_with_their_media_types(string item, string type, string content)
    {
        using var response = await GetAsync($"/api/batches/b/runs/2/items/{item}");

        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(content, await response.Content.ReadAsStringAsync());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.NotNull(response.Headers.ETag);
    }

    [Theory]
    [InlineData("2", "1")]
    [InlineData("2", "0.exe")]
    [InlineData("2", "..%2Freport.json")]
    [InlineData("2", "-1")]
    [InlineData("1", "0")]
    public async Task A_missing_item_is_reported_as_missing(string run, string item)
    {
        using var response = await GetAsync($"/api/batches/b/runs/{run}/items/{item}");

        await ApiServer.AssertProblemAsync(response, 404, "item-not-found");
    }

    [Theory]
    [InlineData("GET", "/api/batches")]
    [InlineData("GET", "/api/batches/b/report")]
    [InlineData("POST", "/api/batches")]
    [InlineData("PUT", "/api/batches/b/files/a.txt")]
    [InlineData("DELETE", "/api/batches/b")]
    [InlineData("GET", "/healthz")]
    public async Task Storage_that_does_not_answer_is_a_problem_that_may_pass(string method, string address)
    {
        // Nothing listens there; one try, so that the test need not wait for the others.
        var options = new BlobClientOptions { Retry = { MaxRetries = 1, Delay = TimeSpan.FromMilliseconds(1), Mode = RetryMode.Fixed } };
        var account = new MediaAccount(
            new BlobServiceClient("DefaultEndpointsProtocol=http;AccountName=a;AccountKey=aaaa;BlobEndpoint=http://127.0.0.1:1/a;", options));
        await using var cut = await ApiServer.StartAsync(account);
        using var request = new HttpRequestMessage(new HttpMethod(method), address) { Content = method == "PUT" ? new ByteArrayContent([1]) : null };
        using var response = await cut.Client.SendAsync(request);

        await ApiServer.AssertProblemAsync(response, 503, "storage-unavailable");
        Assert.NotNull(response.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task A_host_whose_storage_answers_is_healthy()
    {
        var health = await server.GetJsonAsync("/healthz");

        Assert.Equal(("healthy", "local"), (health.GetProperty("status").GetString(), health.GetProperty("host").GetString()));
        Assert.Equal(0, health.GetProperty("warnings").GetArrayLength());
    }

    [Fact]
    public async Task A_host_with_a_model_that_has_ended_answers_as_before_and_names_its_successor()
    {
        await using var late = await ApiServer.StartAsync(
            server.Account, ("AZURE_OPENAI_ENDPOINT", "https://mine.openai.azure.com"), ("AZURE_OPENAI_DEPLOYMENT", "gpt-5.6-luna"));
        late.Time.AdjustTime(new DateTimeOffset(2026, 12, 16, 0, 0, 0, TimeSpan.Zero));
        var health = await late.GetJsonAsync("/healthz");

        Assert.Equal("degraded", health.GetProperty("status").GetString());
        var warning = Assert.Single(health.GetProperty("warnings").EnumerateArray());
        Assert.Equal(
            ("model-ended", "whisper", "2026-12-15", "gpt-4o-mini-transcribe"),
            (warning.GetProperty("code").GetString(), warning.GetProperty("model").GetString(), warning.GetProperty("endsOn").GetString(),
                warning.GetProperty("successor").GetString()));
    }

    private async Task WriteAsync(string name, string text) =>
        await server.Account.Results.GetBlobClient(name).UploadAsync(BinaryData.FromString(text), overwrite: true);

    private async Task<HttpResponseMessage> GetAsync(string address, string? accept = null, EntityTagHeaderValue? etag = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        if (etag is not null) request.Headers.IfNoneMatch.Add(etag);
        return await Client.SendAsync(request);
    }
}
