using System.Net;
using System.Text;
using System.Text.Json;

namespace MultiModal.Conformance.Tests;

/// <summary>The HTTP API around a batch's life.</summary>
public sealed class HttpTests : ConformanceTest
{
    [SkippableFact]
    public async Task Files_that_are_put_come_back_as_one_report()
    {
        var batch = NewBatch();
        var text = NewText();
        using var put = await Host.PutAsync(batch, "folder/note.txt", Encoding.UTF8.GetBytes(text));
        var file = await HostClient.JsonAsync(put, HttpStatusCode.Created);
        var report = await Host.WaitForReportAsync(batch, _ => true);

        Assert.Equal("folder/note.txt", file.GetProperty("name").GetString());
        Assert.Equal(file.GetProperty("etag").GetString()!.Trim('"'), report.Item("folder/note.txt").GetProperty("etag").GetString()!.Trim('"'));
        Assert.Contains(text, report.Item("folder/note.txt").GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Files_that_are_put_to_upload_urls_come_back_as_one_report()
    {
        var batch = NewBatch();
        using var signed = await Host.PostAsync($"{HostClient.AddressOf(batch)}/uploads", new { files = new[] { "a b.txt", "folder/ü.txt" } });
        var uploads = (await HostClient.JsonAsync(signed, HttpStatusCode.OK)).GetProperty("uploads");
        using var client = new HttpClient();
        foreach (var upload in uploads.EnumerateArray())
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Put, upload.GetProperty("url").GetString()) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(NewText())) };
            foreach (var header in upload.GetProperty("headers").EnumerateObject()) request.Headers.Add(header.Name, header.Value.GetString());
            using var put = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Created, put.StatusCode);
            using var read = await client.GetAsync(new Uri(upload.GetProperty("url").GetString()!));
            Assert.Equal(HttpStatusCode.Forbidden, read.StatusCode);
        }

        var report = await Host.WaitForReportAsync(batch, r => r.GetProperty("items").GetArrayLength() == 2);
        Assert.Equal(["a b.txt", "folder/ü.txt"], report.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("name").GetString()!));
    }

    [SkippableTheory]
    [InlineData("two words")]
    [InlineData("Räksmörgås 会議")]
    [InlineData("100% & <b> #1?")]
    public async Task Names_of_all_kinds_go_the_whole_way(string name)
    {
        var batch = NewBatch(name);
        using var put = await Host.PutAsync(
            batch, $"{Uri.EscapeDataString(name)}%2F{Uri.EscapeDataString(name)}.txt", Encoding.UTF8.GetBytes(NewText()));
        await HostClient.JsonAsync(put, HttpStatusCode.Created);
        var report = await Host.WaitForReportAsync(batch, _ => true);
        var details = await Host.GetJsonAsync(HostClient.AddressOf(batch));

        Assert.Equal($"{name}/{name}.txt", Assert.Single(report.GetProperty("items").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal(batch, details.GetProperty("batch").GetString());
        Assert.Equal(report.GetRawText(), (await Host.GetJsonAsync(details.GetProperty("links").GetProperty("report").GetString()!)).GetRawText());
    }

    [SkippableFact]
    public async Task The_report_comes_as_json_or_markdown_and_not_twice_to_who_has_it()
    {
        var batch = NewBatch();
        await RunAsync(batch, ("note.txt", Encoding.UTF8.GetBytes(NewText())));
        var address = $"{HostClient.AddressOf(batch)}/report";
        using var json = await Host.GetAsync(address, "application/json;q=0.9, text/markdown;q=0.5");
        using var markdown = await Host.GetAsync(address, "application/json;q=0.5, text/markdown;q=0.9");
        using var known = await Host.GetAsync(address, "application/json", json.Headers.ETag);
        using var neither = await Host.GetAsync(address, "image/png");

        Assert.Equal("application/json", json.Content.Headers.ContentType?.MediaType);
        Assert.Equal("text/markdown", markdown.Content.Headers.ContentType?.MediaType);
        Assert.Contains("note.txt", await markdown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        await HostClient.AssertProblemAsync(neither, HttpStatusCode.NotAcceptable, "not-acceptable");
    }

    [SkippableFact]
    public async Task Reports_of_earlier_runs_stay_and_the_history_leads_to_them()
    {
        var batch = NewBatch();
        var first = await RunAsync(batch, ("note.txt", Encoding.UTF8.GetBytes(NewText())));
        await Host.RunAgainAsync(batch);
        var runs = (await Host.GetJsonAsync(HostClient.AddressOf(batch))).GetProperty("runs").EnumerateArray().ToList();
        var earlier = await Host.GetJsonAsync(runs[^1].GetProperty("report").GetString()!);

        Assert.Equal(2, runs.Count);
        Assert.Equal(first.GetRawText(), earlier.GetRawText());
        using var never = await Host.GetAsync($"{HostClient.AddressOf(batch)}/report?run=99");
        await HostClient.AssertProblemAsync(never, HttpStatusCode.NotFound, "run-not-found");
    }

    [SkippableFact]
    public async Task A_text_too_long_for_the_report_is_complete_in_the_detail()
    {
        var batch = NewBatch();
        var text = string.Concat(Enumerable.Range(0, 2000).Select(n => $"Line {n} of a long protocol.\n")) + NewText();
        var report = await RunAsync(batch, ("long.txt", Encoding.UTF8.GetBytes(text)));
        var item = report.Item("long.txt");
        var detail = await Host.GetJsonAsync($"{HostClient.AddressOf(batch)}/{item.GetProperty("detail").GetString()}");

        await ReportSchema.HoldsDetailAsync(detail.GetRawText());
        Assert.True(item.GetProperty("text").GetString()!.Length < 8000);
        Assert.Equal(text.Trim(), detail.GetProperty("text").GetString()!.Trim());
        using var missing = await Host.GetAsync($"{HostClient.AddressOf(batch)}/runs/1/items/77");
        await HostClient.AssertProblemAsync(missing, HttpStatusCode.NotFound, "item-not-found");
    }

    [SkippableFact]
    public async Task Pages_of_the_list_hold_every_batch_once()
    {
        var prefix = NewBatch("paging");
        var names = new[] { $"{prefix}-a", $"{prefix}-a-b", $"{prefix}-a b", $"{prefix}-c" };
        foreach (var name in names)
        {
            using var made = await Host.PostAsync("/api/batches", new { name });
            await HostClient.JsonAsync(made, HttpStatusCode.Created);
        }

        var seen = new List<string>();
        for (var next = $"/api/batches?prefix={Uri.EscapeDataString(prefix)}&limit=1"; next is not null;)
        {
            var page = await Host.GetJsonAsync(next);
            seen.AddRange(page.GetProperty("batches").EnumerateArray().Select(b => b.GetProperty("batch").GetString()!));
            next = page.GetProperty("next").GetString();
        }

        Assert.Equal(names.Order(StringComparer.Ordinal), seen);
        foreach (var name in names)
        {
            using var deleted = await Host.SendAsync(HttpMethod.Delete, HostClient.AddressOf(name));
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        }
    }

    [SkippableFact]
    public async Task The_list_filters_batches_by_status()
    {
        var batch = NewBatch();
        await RunAsync(batch, ("note.txt", Encoding.UTF8.GetBytes(NewText())));
        var query = $"/api/batches?prefix={Uri.EscapeDataString(batch)}&status=";
        var succeeded = await Host.GetJsonAsync($"{query}succeeded");
        var failed = await Host.GetJsonAsync($"{query}failed");

        Assert.Equal(batch, Assert.Single(succeeded.GetProperty("batches").EnumerateArray()).GetProperty("batch").GetString());
        Assert.Empty(failed.GetProperty("batches").EnumerateArray());
        using var nonsense = await Host.GetAsync($"{query}nonsense");
        await HostClient.AssertProblemAsync(nonsense, HttpStatusCode.BadRequest, "invalid-query");
    }

    [SkippableFact]
    public async Task A_deleted_batch_leaves_nothing_behind()
    {
        var batch = NewBatch();
        await RunAsync(batch, ("note.txt", Encoding.UTF8.GetBytes(NewText())));
        using var deleted = await Host.SendAsync(HttpMethod.Delete, HostClient.AddressOf(batch));
        using var gone = await Host.GetAsync(HostClient.AddressOf(batch));

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await HostClient.AssertProblemAsync(gone, HttpStatusCode.NotFound, "batch-not-found");
        Assert.False(await Inbox.GetBlobClient($"{batch}/note.txt").ExistsAsync());
        Assert.False(await Results.GetBlobClient($"{batch}/report.json").ExistsAsync());
        Assert.False(await Results.GetBlobClient($"{batch}/runs/1/report.json").ExistsAsync());
    }

    [SkippableFact]
    public async Task A_name_may_be_used_again_after_its_batch_was_deleted()
    {
        var batch = NewBatch();
        await RunAsync(batch, ("old.txt", Encoding.UTF8.GetBytes(NewText())));
        using var deleted = await Host.SendAsync(HttpMethod.Delete, HostClient.AddressOf(batch));
        var report = await RunAsync(batch, ("new.txt", Encoding.UTF8.GetBytes(NewText())));

        Assert.Equal("new.txt", Assert.Single(report.GetProperty("items").EnumerateArray()).GetProperty("name").GetString());
    }

    [SkippableTheory]
    [InlineData("GET", "/api/batches/no-such-batch", "batch-not-found")]
    [InlineData("GET", "/api/batches/no-such-batch/report", "batch-not-found")]
    [InlineData("GET", "/api/batches/no-such-batch/runs/1/items/0.vtt", "batch-not-found")]
    [InlineData("POST", "/api/batches/no-such-batch/start", "batch-not-found")]
    [InlineData("POST", "/api/batches/no-such-batch/cancel", "batch-not-found")]
    [InlineData("DELETE", "/api/batches/no-such-batch", "batch-not-found")]
    public async Task An_unknown_batch_is_reported_as_unknown(string method, string address, string code)
    {
        using var response = await Host.SendAsync(new HttpMethod(method), address);

        await HostClient.AssertProblemAsync(response, HttpStatusCode.NotFound, code);
    }

    [SkippableTheory]
    [InlineData("GET", "/api/batches/a%5Cb", "invalid-batch-name")]
    [InlineData("POST", "/api/batches/a%2F..%2Fb/start", "invalid-batch-name")]
    [InlineData("PUT", "/api/batches/a/files/b%2F..%2F..%2Fc", "invalid-file-name")]
    [InlineData("PUT", "/api/batches/a/files/b%5Cc", "invalid-file-name")]
    [InlineData("GET", "/api/batches?limit=none", "invalid-query")]
    public async Task A_name_or_query_that_means_nothing_is_refused(string method, string address, string code)
    {
        using var content = new ByteArrayContent([1]);
        using var response = await Host.SendAsync(new HttpMethod(method), address, method == "PUT" ? content : null);

        await HostClient.AssertProblemAsync(response, HttpStatusCode.BadRequest, code);
    }

    [SkippableFact]
    public async Task Options_are_checked_when_a_batch_is_made()
    {
        using var response = await Host.PostAsync("/api/batches", new { name = NewBatch(), options = new { detail = "highest" } });

        await HostClient.AssertProblemAsync(response, HttpStatusCode.BadRequest, "invalid-batch-options");
    }

    [SkippableFact]
    public async Task A_batch_without_a_run_cannot_be_cancelled()
    {
        var batch = NewBatch();
        await Host.MakeHeldAsync(batch);
        using var response = await Host.PostAsync($"{HostClient.AddressOf(batch)}/cancel");

        await HostClient.AssertProblemAsync(response, HttpStatusCode.Conflict, "batch-not-running");
    }

    [SkippableFact]
    public async Task The_host_reports_that_it_works_and_describes_itself()
    {
        var health = await Host.GetJsonAsync("/healthz");
        var document = await Host.GetJsonAsync("/openapi.json");
        using var dashboard = await Host.GetAsync("/");

        // A model of the host's configuration may have ended since this was written.
        Assert.Contains(health.Status(), new[] { "healthy", "degraded" });
        Assert.Equal(JsonValueKind.Object, document.GetProperty("paths").GetProperty("/api/batches/{batch}/report").ValueKind);
        Assert.Equal("text/html", dashboard.Content.Headers.ContentType?.MediaType);
        Assert.True(dashboard.Headers.Contains("Content-Security-Policy"));
    }
}
