using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Web.Tests;

[Collection(SharedAzurite.Name)]
public sealed class BatchEndpointTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private ApiServer server = null!;

    private HttpClient Client => server.Client;

    public async Task InitializeAsync() => server = await ApiServer.StartAsync(await azurite.NewAccountAsync());

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task A_batch_without_a_name_gets_one_that_sorts_by_time_and_can_be_read_at_once()
    {
        using var first = await Client.PostAsync(Address("/api/batches"), null);
        server.Time.Advance(TimeSpan.FromSeconds(2));
        using var second = await Client.PostAsync(Address("/api/batches"), null);

        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        var names = new[] { await NameInAsync(first), await NameInAsync(second) };
        Assert.True(string.CompareOrdinal(names[0], names[1]) < 0);
        Assert.NotEqual(names[0][15..], names[1][15..]);
        var read = await server.GetJsonAsync(first.Headers.Location!.ToString());
        Assert.Equal("new", read.GetProperty("status").GetString());
        Assert.Equal(names[0], read.GetProperty("batch").GetString());
    }

    [Fact]
    public async Task Options_are_written_to_batch_json_as_a_run_reads_them()
    {
        using var made = await Client.PostAsJsonAsync(
            "/api/batches", new { name = "meeting", options = new { language = "de", start = "manual", webhook = "https://example.com/done" } });

        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var blob = await server.Account.Inbox.GetBlobClient("meeting/batch.json").DownloadStreamingAsync();
        var options = await BatchOptionsFile.ParseAsync(blob.Value.Content, CancellationToken.None);
        Assert.Equal(("de", StartMode.Manual, "https://example.com/done"), (options.Value.Language, options.Value.Start, options.Value.Webhook));
    }

    [Theory]
    [InlineData("""{"options":{"language":"German"}}""", "invalid-batch-options", "language")]
    [InlineData("""{"options":{"webhook":"http://10.0.0.1/"}}""", "invalid-batch-options", "webhook")]
    [InlineData("""{"options":{"webhook":"http://127.0.0.1:9/"}}""", "invalid-batch-options", "of this host itself")]
    [InlineData("""{"options":{"webhook":"https://[64:ff9b::10.0.0.1]/"}}""", "invalid-batch-options", "Webhooks:AllowPrivateAddresses")]
    [InlineData("""{"options":{"engine":"gpt"}}""", "invalid-batch-options", "engine")]
    [InlineData("""{"name":"a/b"}""", "invalid-batch-name", "segments")]
    [InlineData("""{"name":"../a"}""", "invalid-batch-name", "segment")]
    [InlineData("""{"name":"a\u0000b"}""", "invalid-batch-name", "control")]
    [InlineData("""{"nmae":"a"}""", "invalid-body", "name")]
    [InlineData("""[1]""", "invalid-body", "object")]
    [InlineData("""{"name":""", "invalid-body", "line 1")]
    public async Task An_invalid_batch_is_refused_with_the_reason(string body, string code, string named)
    {
        using var response = await Client.PostAsync(Address("/api/batches"), new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Contains(named, await ApiServer.AssertProblemAsync(response, 400, code), StringComparison.Ordinal);
        Assert.Empty(await server.Batches.ListAsync(null, null, CancellationToken.None));
    }

    [Fact]
    public async Task A_request_that_a_webhook_delivery_makes_is_refused_and_starts_nothing()
    {
        using var made = await Client.PostAsJsonAsync("/api/batches", new { name = "victim", options = new { start = "manual" } });
        using var delivery = new HttpRequestMessage(HttpMethod.Post, Address("/api/batches/victim/start"));
        delivery.Headers.Add("X-MultiModal-Delivery", "attacker-1");
        using var response = await Client.SendAsync(delivery);

        await ApiServer.AssertProblemAsync(response, 403, "webhook-delivery");
        Assert.Empty(server.Host.Starts);
    }

    [Fact]
    public async Task A_body_that_is_not_said_to_be_json_is_refused()
    {
        using var response = await Client.PostAsync(Address("/api/batches"), new StringContent("{}", Encoding.UTF8, "text/plain"));

        await ApiServer.AssertProblemAsync(response, 415, "unsupported-media-type");
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        using var response = await Client.PostAsync(
            Address("/api/batches"), new StringContent(new string(' ', 70_000), Encoding.UTF8, "application/json"));

        await ApiServer.AssertProblemAsync(response, 413, "body-too-large");
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused_whoever_took_it()
    {
        await DropAsync("dropped/a.txt", "a");
        using var first = await Client.PostAsJsonAsync("/api/batches", new { name = "made" });
        using var again = await Client.PostAsJsonAsync("/api/batches", new { name = "made" });
        using var overDrop = await Client.PostAsJsonAsync("/api/batches", new { name = "dropped", options = new { language = "en" } });

        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        await ApiServer.AssertProblemAsync(again, 409, "batch-exists");
        await ApiServer.AssertProblemAsync(overDrop, 409, "batch-exists");
        Assert.False(await server.Account.Inbox.GetBlobClient("dropped/batch.json").ExistsAsync());
    }

    [Fact]
    public async Task A_page_of_another_site_cannot_make_a_batch()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/batches");
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        using var response = await Client.SendAsync(request);

        await ApiServer.AssertProblemAsync(response, 403, "cross-site-request");
    }

    [Fact]
    public async Task Pages_of_the_list_hold_every_batch_once_in_the_order_of_names()
    {
        // In blob order "a-b.json" comes before "a.json": a list in that order loses one of them between pages.
        string[] names = ["a", "a-b", "a b", "ä", "b", new string('l', 700)];
        foreach (var name in names) await server.KnowsAsync(Resting(name));

        var seen = new List<string>();
        for (var next = "/api/batches?limit=2"; next is not null;)
        {
            var page = await server.GetJsonAsync(next);
            Assert.InRange(page.GetProperty("batches").GetArrayLength(), 1, 2);
            seen.AddRange(page.GetProperty("batches").EnumerateArray().Select(b => b.GetProperty("batch").GetString()!));
            next = page.GetProperty("next").GetString();
        }

        Assert.Equal(names.Order(StringComparer.Ordinal), seen);
    }

    [Fact]
    public async Task The_list_finds_any_part_of_a_name_in_any_case_and_pages_keep_it()
    {
        foreach (var name in new[] { "Harbour market", "old HARBOUR", "note", "the harbour" }) await server.KnowsAsync(Resting(name));

        var first = await server.GetJsonAsync("/api/batches?contains=harBOUR&limit=2");
        var second = await server.GetJsonAsync(first.GetProperty("next").GetString()!);

        Assert.Equal(["Harbour market", "old HARBOUR"], NamesOf(first));
        Assert.Equal(["the harbour"], NamesOf(second));
    }

    [Fact]
    public async Task The_latest_batches_come_after_what_is_under_way_and_no_page_repeats_any()
    {
        var at = DateTimeOffset.UnixEpoch;
        await server.KnowsAsync(Resting("a old") with { FinishedAt = at });
        await server.KnowsAsync(Resting("b new") with { FinishedAt = at.AddDays(2) });
        await server.KnowsAsync(Resting("c middle") with { FinishedAt = at.AddDays(1) });
        await server.KnowsAsync(Resting("d runs") with { Phase = BatchPhase.Running, FinishedAt = at });
        await server.KnowsAsync(Resting("e quiet") with { Phase = BatchPhase.Quiet });

        var first = await server.GetJsonAsync("/api/batches?sort=recent&limit=3");
        var second = await server.GetJsonAsync(first.GetProperty("next").GetString()!);

        Assert.Equal(["d runs", "e quiet", "b new"], NamesOf(first));
        Assert.Equal(["c middle", "a old"], NamesOf(second));
        using var refused = await server.Client.GetAsync(new Uri("/api/batches?sort=size", UriKind.Relative));
        await ApiServer.AssertProblemAsync(refused, 400, "invalid-query");
    }

    [Fact]
    public async Task The_list_is_narrowed_by_prefix_and_status_and_pages_keep_both()
    {
        await server.KnowsAsync(Resting("x1") with { LastStatus = RunStatus.PartiallySucceeded });
        await server.KnowsAsync(Resting("x2") with { Phase = BatchPhase.Running });
        await server.KnowsAsync(Resting("x3") with { LastStatus = RunStatus.PartiallySucceeded });
        await server.KnowsAsync(Resting("y1") with { LastStatus = RunStatus.PartiallySucceeded });

        var first = await server.GetJsonAsync("/api/batches?prefix=x&status=partiallySucceeded&limit=1");
        var second = await server.GetJsonAsync(first.GetProperty("next").GetString()!);

        Assert.Equal("x1", Assert.Single(first.GetProperty("batches").EnumerateArray()).GetProperty("batch").GetString());
        Assert.Equal("x3", Assert.Single(second.GetProperty("batches").EnumerateArray()).GetProperty("batch").GetString());
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);
    }

    [Theory]
    [InlineData("/api/batches?limit=0")]
    [InlineData("/api/batches?limit=many")]
    [InlineData("/api/batches?status=7")]
    [InlineData("/api/batches?status=done")]
    [InlineData("/api/batches/a?from=-1")]
    [InlineData("/api/batches/a?items=5000")]
    [InlineData("/api/batches/a/report?run=0")]
    public async Task A_query_that_means_nothing_is_refused(string address)
    {
        using var response = await Client.GetAsync(Address(address));

        await ApiServer.AssertProblemAsync(response, 400, "invalid-query");
    }

    [Theory]
    [InlineData("GET", "/api/batches/nothing")]
    [InlineData("GET", "/api/batches/nothing/report")]
    [InlineData("GET", "/api/batches/nothing/report?run=1")]
    [InlineData("GET", "/api/batches/nothing/runs/1/items/0")]
    [InlineData("POST", "/api/batches/nothing/start")]
    [InlineData("POST", "/api/batches/nothing/cancel")]
    [InlineData("DELETE", "/api/batches/nothing")]
    public async Task An_unknown_batch_is_reported_as_unknown(string method, string address)
    {
        await DropAsync("nothing-else/a.txt", "a");
        using var response = await Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), address));

        await ApiServer.AssertProblemAsync(response, 404, "batch-not-found");
    }

    [Theory]
    [InlineData("/api/batches/a%5Cb")]
    [InlineData("/api/batches/a%2Fb")]
    [InlineData("/api/batches/a%07b/report")]
    [InlineData("/api/batches/%20a")]
    public async Task A_name_that_no_batch_can_have_is_refused(string address)
    {
        using var response = await Client.GetAsync(Address(address));

        await ApiServer.AssertProblemAsync(response, 400, "invalid-batch-name");
    }

    [Theory]
    [InlineData("räksmörgås 会議 №1")]
    [InlineData("100% & <b>\"more\"?#")]
    public async Task Names_travel_encoded_and_come_back_as_they_were(string name)
    {
        await server.KnowsAsync(Resting(name));

        using var started = await Client.PostAsync(Address($"/api/batches/{Uri.EscapeDataString(name)}/start"), null);
        var read = await server.GetJsonAsync(started.Headers.Location!.OriginalString);

        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        Assert.Equal(name, read.GetProperty("batch").GetString());
        Assert.Equal(BatchName.Parse(name), Assert.Single(server.Host.Starts).Batch);
    }

    [Fact]
    public async Task Where_two_folders_name_a_batch_its_slash_travels_encoded()
    {
        await using var deep = await ApiServer.StartAsync(await azurite.NewAccountAsync(), ("Pipeline:BatchDepth", "2"));
        using var put = await deep.Client.PutAsync(Address("/api/batches/2024%2Fmay/files/notes/a%2Fb.txt"), new StringContent("hello"));

        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        Assert.True(await deep.Account.Inbox.GetBlobClient("2024/may/notes/a/b.txt").ExistsAsync());
        Assert.Equal("2024/may", (await deep.GetJsonAsync("/api/batches/2024%2fmay")).GetProperty("batch").GetString());
        using var intoAnother = await deep.Client.PutAsync(Address("/api/batches/2024/files/may/c.txt"), new StringContent("hello"));
        await ApiServer.AssertProblemAsync(intoAnother, 400, "invalid-file-name");
    }

    [Fact]
    public async Task The_response_to_a_start_contains_a_location_and_a_retry_time()
    {
        await DropAsync("b/a.txt", "a");
        using var all = await Client.PostAsync(Address("/api/batches/b/start"), null);
        using var failed = await Client.PostAsync(Address("/api/batches/b/start?only=failed"), null);
        using var nonsense = await Client.PostAsync(Address("/api/batches/b/start?only=some"), null);

        Assert.Equal(HttpStatusCode.Accepted, all.StatusCode);
        Assert.Equal("/api/batches/b", all.Headers.Location!.ToString());
        Assert.NotNull(all.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.Accepted, failed.StatusCode);
        await ApiServer.AssertProblemAsync(nonsense, 400, "invalid-query");
        Assert.Equal([RunScope.All, RunScope.Failed], server.Host.Starts.Select(s => s.Scope));
    }

    [Fact]
    public async Task A_batch_whose_files_nobody_has_seen_yet_is_quiet()
    {
        await DropAsync("fresh/a.txt", "a");

        Assert.Equal("quiet", (await server.GetJsonAsync("/api/batches/fresh")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_run_under_way_shows_how_far_each_step_is_and_what_failed()
    {
        var run = await RunningAsync("b", 3);
        await WriteInventoryAsync(run, ItemKind.Image, ItemKind.Audio, ItemKind.Text, ItemKind.Image, ItemKind.Image, ItemKind.Text);
        await RecordAsync(run, 0, StepNames.OptimizeImage);
        await RecordAsync(run, 0, StepNames.AnalyzeImage);
        await RecordAsync(run, 1, StepNames.PrepareAudio, parts: 3);
        await RecordAsync(run, 1, StepNames.TranscribeAudio, part: 1);
        await RecordAsync(run, 2, StepNames.ReadText, parts: 2);
        await RecordAsync(run, 2, StepNames.OptimizeImage, part: 1);
        await RecordAsync(run, 3, StepNames.OptimizeImage, failure: "corrupt-image");

        var progress = (await server.GetJsonAsync("/api/batches/b?items=0")).GetProperty("progress");

        // Images: one whole, one broken, one waiting, and two pages of a text of which one is optimized.
        Assert.Equal(
            [
                ("optimize-image", 3, 1, 5), ("analyze-image", 1, 0, 4), ("prepare-audio", 1, 0, 1), ("transcribe-audio", 1, 0, 3),
                ("read-text", 1, 0, 2),
            ],
            progress.GetProperty("steps").EnumerateArray().Select(s => (
                s.GetProperty("step").GetString()!, s.GetProperty("done").GetInt32(), s.GetProperty("failed").GetInt32(),
                s.GetProperty("expected").GetInt32())));
        Assert.Equal([1, 2], progress.GetProperty("active").EnumerateArray().Select(i => i.GetProperty("index").GetInt32()));
        Assert.Equal([3], progress.GetProperty("failures").EnumerateArray().Select(i => i.GetProperty("index").GetInt32()));
    }

    [Fact]
    public async Task A_run_under_way_shows_where_each_item_stands()
    {
        var run = await RunningAsync("b", 3);
        await WriteInventoryAsync(run, ItemKind.Image, ItemKind.Audio, ItemKind.Text, ItemKind.Image, ItemKind.Image);
        await RecordAsync(run, 0, StepNames.OptimizeImage);
        await RecordAsync(run, 0, StepNames.AnalyzeImage);
        await RecordAsync(run, 1, StepNames.PrepareAudio, parts: 2);
        await RecordAsync(run, 1, StepNames.TranscribeAudio, part: 1);
        await RecordAsync(run, 2, StepNames.ReadText, parts: 0);
        await RecordAsync(run, 3, StepNames.OptimizeImage, failure: "corrupt-image");

        var progress = (await server.GetJsonAsync("/api/batches/b")).GetProperty("progress");

        Assert.Equal(["succeeded", "running", "succeeded", "failed", "waiting"], Statuses(progress));
        Assert.Equal("corrupt-image", progress.GetProperty("items")[3].GetProperty("code").GetString());
        Assert.Equal(
            (5, 3, 1),
            (progress.GetProperty("count").GetInt32(), progress.GetProperty("done").GetInt32(), progress.GetProperty("failed").GetInt32()));

        await RecordAsync(run, 1, StepNames.TranscribeAudio, part: 0);
        var page = (await server.GetJsonAsync("/api/batches/b?from=1&items=2")).GetProperty("progress");
        Assert.Equal(["succeeded", "succeeded"], Statuses(page));
        Assert.Equal(4, page.GetProperty("done").GetInt32());
    }

    [Fact]
    public async Task A_picture_that_is_the_same_as_another_one_is_shown_as_a_duplicate_and_is_done()
    {
        var run = await RunningAsync("b", 1);
        await WriteInventoryAsync(run, nearDuplicates: true, ItemKind.Image, ItemKind.Image, ItemKind.Image);
        for (var index = 0; index < 3; index++) await RecordAsync(run, index, StepNames.OptimizeImage);
        Assert.Equal(["running", "running", "running"], Statuses((await server.GetJsonAsync("/api/batches/b")).GetProperty("progress")));

        await server.Runs.WriteSimilarAsync(run, 0, new SimilarPictures([new SimilarPicture(2, 0, 0.1)], []), CancellationToken.None);
        var progress = (await server.GetJsonAsync("/api/batches/b")).GetProperty("progress");
        Assert.Equal(["running", "running", "duplicate"], Statuses(progress));
        Assert.Equal(1, progress.GetProperty("done").GetInt32());
    }

    [Fact]
    public async Task The_tiles_of_a_picture_are_counted_while_they_are_looked_at()
    {
        var run = await RunningAsync("b", 1);
        await WriteInventoryAsync(run, ItemKind.Image);
        await RecordAsync(run, 0, StepNames.OptimizeImage, tiles: 3);
        for (var tile = 0; tile < 3; tile++)
        {
            var before = (await server.GetJsonAsync("/api/batches/b")).GetProperty("progress");
            Assert.Equal(["running"], Statuses(before));
            Assert.Equal(1 + tile, before.GetProperty("items")[0].GetProperty("steps").GetArrayLength());
            await RecordAsync(run, 0, StepNames.AnalyzeImage, tile: tile);
        }

        var progress = (await server.GetJsonAsync("/api/batches/b")).GetProperty("progress");
        Assert.Equal(["succeeded"], Statuses(progress));
        Assert.Equal(
            [("optimize-image", null), ("analyze-image", null), ("analyze-image", 1), ("analyze-image", 2)],
            progress.GetProperty("items")[0].GetProperty("steps").EnumerateArray().Select(
                step => (step.GetProperty("step").GetString()!, step.TryGetProperty("tile", out var tile) ? tile.GetInt32() : (int?)null)));
    }

    [Fact]
    public async Task Before_its_inventory_is_taken_a_run_has_no_count()
    {
        await RunningAsync("b", 1);

        Assert.Equal(JsonValueKind.Null, (await server.GetJsonAsync("/api/batches/b")).GetProperty("progress").GetProperty("count").ValueKind);
    }

    [Fact]
    public async Task The_history_lists_runs_that_ended_the_latest_first()
    {
        await RunningAsync("b", 11);
        foreach (var run in new[] { 2, 9, 10, 11 }) await server.Account.Results.GetBlobClient($"b/runs/{run}/report.json")
            .UploadAsync(BinaryData.FromString("{}"));

        var runs = (await server.GetJsonAsync("/api/batches/b")).GetProperty("runs");

        Assert.Equal([10, 9, 2], runs.EnumerateArray().Select(r => r.GetProperty("runSeq").GetInt32()));
        Assert.Equal("/api/batches/b/report?run=10", runs[0].GetProperty("report").GetString());
    }

    [Fact]
    public async Task Only_a_run_under_way_can_be_cancelled()
    {
        await server.KnowsAsync(Resting("idle"));
        var run = await RunningAsync("busy", 4);
        using var idle = await Client.PostAsync(Address("/api/batches/idle/cancel"), null);
        using var busy = await Client.PostAsync(Address("/api/batches/busy/cancel"), null);

        await ApiServer.AssertProblemAsync(idle, 409, "batch-not-running");
        Assert.Equal(HttpStatusCode.Accepted, busy.StatusCode);
        Assert.True(await server.Runs.IsCancelRequestedAsync(run, CancellationToken.None));
        Assert.True((await server.GetJsonAsync("/api/batches/busy")).GetProperty("cancelRequested").GetBoolean());
    }

    [Fact]
    public async Task A_batch_that_is_running_is_not_deleted()
    {
        await DropAsync("b/a.txt", "a");
        await RunningAsync("b", 1);
        using var response = await Client.DeleteAsync(Address("/api/batches/b"));

        await ApiServer.AssertProblemAsync(response, 409, "batch-running");
        Assert.True(await server.Account.Inbox.GetBlobClient("b/a.txt").ExistsAsync());
    }

    [Fact]
    public async Task A_deleted_batch_leaves_nothing_behind_and_takes_nothing_from_others()
    {
        await DropAsync("b/a.txt", "a");
        await DropAsync("b2/a.txt", "a");
        foreach (var name in new[] { "b/report.json", "b/report.md", "b/runs/1/report.json", "b/runs/1/items/0.json", "b2/report.json",
            "b/nested/report.json" })
        {
            await server.Account.Results.GetBlobClient(name).UploadAsync(BinaryData.FromString("{}"));
        }

        foreach (var name in new[] { "analyze-image/own/f", "optimize-image/own/f", "optimize-image/own/f/image.jpg", "analyze-image/shared/f" })
        {
            await server.Account.Cache.GetBlobClient(name).UploadAsync(BinaryData.FromString("{}"));
        }

        await RecordAsync(new RunReference(BatchName.Parse("b"), 1), 0, StepNames.OptimizeImage, cache: "optimize-image/own/f");
        await RecordAsync(new RunReference(BatchName.Parse("b"), 2), 0, StepNames.AnalyzeImage, cache: "analyze-image/own/f");
        await RecordAsync(new RunReference(BatchName.Parse("b"), 2), 1, StepNames.AnalyzeImage, cache: "analyze-image/shared/f");
        await RecordAsync(new RunReference(BatchName.Parse("b2"), 1), 0, StepNames.AnalyzeImage, cache: "analyze-image/shared/f");
        await server.KnowsAsync(Resting("b"));
        await server.KnowsAsync(Resting("b2"));

        using var deleted = await Client.DeleteAsync(Address("/api/batches/b"));
        using var gone = await Client.GetAsync(Address("/api/batches/b"));

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await ApiServer.AssertProblemAsync(gone, 404, "batch-not-found");
        Assert.Equal(["b2/a.txt"], await NamesAsync(server.Account.Inbox));
        Assert.Equal(["b/nested/report.json", "b2/report.json"], await NamesAsync(server.Account.Results));
        Assert.Equal(["analyze-image/shared/f"], await NamesAsync(server.Account.Cache));
        Assert.All(await NamesAsync(server.Account.State), name => Assert.Contains("b2", name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_at_the_root_of_the_inbox_is_a_batch_that_can_be_deleted()
    {
        await DropAsync("photo.jpg", "a");
        using var deleted = await Client.DeleteAsync(Address("/api/batches/photo.jpg"));

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Empty(await NamesAsync(server.Account.Inbox));
    }

    private static Uri Address(string path) => new(path, UriKind.Relative);

    private static BatchState Resting(string name) => new() { Batch = BatchName.Parse(name), RunSeq = 1, LastStatus = RunStatus.Succeeded };

    private static async Task<string> NameInAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("batch").GetString()!;

    private static IEnumerable<string> NamesOf(JsonElement page) =>
        page.GetProperty("batches").EnumerateArray().Select(b => b.GetProperty("batch").GetString()!);

    private static IEnumerable<string> Statuses(JsonElement progress) =>
        progress.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("status").GetString()!);

    private static async Task<List<string>> NamesAsync(Azure.Storage.Blobs.BlobContainerClient container)
    {
        var names = new List<string>();
        await foreach (var blob in container.GetBlobsAsync()) names.Add(blob.Name);
        return names;
    }

    private async Task DropAsync(string name, string text) => await server.Account.Inbox.GetBlobClient(name).UploadAsync(BinaryData.FromString(text));

    private async Task<RunReference> RunningAsync(string name, int runSeq)
    {
        await server.KnowsAsync(Resting(name) with { Phase = BatchPhase.Running, RunSeq = runSeq });
        return new RunReference(BatchName.Parse(name), runSeq);
    }

    private Task WriteInventoryAsync(RunReference run, params ItemKind[] kinds) => WriteInventoryAsync(run, nearDuplicates: false, kinds);

    private async Task WriteInventoryAsync(RunReference run, bool nearDuplicates, params ItemKind[] kinds)
    {
        var items = kinds.Select(
            (kind, index) =>
                new InventoryItem { Index = index, Name = $"{index}", BlobName = $"b/{index}", ETag = "e", Bytes = 1, Kind = kind,
                    Hash = ContentHash.Compute([(byte)index]) });
        await server.Runs.WritePageAsync(run, "d", 0, [.. items], CancellationToken.None);
        await server.Runs.WriteHeaderAsync(
            run,
            new InventoryHeader { Count = kinds.Length, Digest = "d", Ignored = 0, StartedAt = server.Time.GetUtcNow(),
                Options = BatchOptions.Default, NearDuplicates = nearDuplicates }, CancellationToken.None);
    }

    private Task RecordAsync(
        RunReference run, int index, string step, int part = 0, int parts = 1, string? failure = null, string? cache = null, int tile = 0, int tiles = 1) =>
        server.Runs.WriteRecordAsync(
            new ItemReference(run, index, part, tile),
            new StepRecord
            {
                Step = step,
                Part = part,
                Parts = parts,
                Tile = tile,
                Tiles = tiles,
                Status = failure is null ? StepStatus.Succeeded : StepStatus.Failed,
                Failure = failure is null ? null : new Pipeline.Failure(failure, "why"),
                StartedAt = server.Time.GetUtcNow(),
                DurationMs = 1,
                CacheName = cache,
            },
            CancellationToken.None);
}
