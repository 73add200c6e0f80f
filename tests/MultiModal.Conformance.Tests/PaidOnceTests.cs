using System.Net;
using System.Text;

namespace MultiModal.Conformance.Tests;

/// <summary>Nothing is paid twice, and nothing is paid after a cancel.</summary>
public sealed class PaidOnceTests : ConformanceTest
{
    private readonly SimulatorClient simulator = new();

    public override async Task DisposeAsync()
    {
        await simulator.DelayAsync(0);
        simulator.Dispose();
        await base.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_second_run_of_an_unchanged_batch_asks_no_model()
    {
        var batch = NewBatch();
        var first = await RunAsync(batch, ("a.png", Png.Noise()), ("b.png", Png.Noise()), ("note.txt", Encoding.UTF8.GetBytes(NewText())));
        var before = await simulator.CallsAsync();
        var second = await Host.RunAgainAsync(batch);
        var after = await simulator.CallsAsync();

        Assert.Equal("succeeded", first.Status());
        Assert.Contains("miss", first.EngineCaches());
        Assert.True(first.Spent() > 0 || first.HasUnpriced());
        Assert.Equal(before, after);
        Assert.Equal(0, second.Spent());
        Assert.NotEmpty(second.EngineCaches());
        Assert.All(second.EngineCaches(), cache => Assert.Equal("hit", cache));
        Assert.Equal(first.GetProperty("synthesis").GetRawText(), second.GetProperty("synthesis").GetRawText());
        foreach (var name in new[] { "a.png", "b.png" })
        {
            Assert.Equal(first.Item(name).GetProperty("image").GetRawText(), second.Item(name).GetProperty("image").GetRawText());
        }
    }

    [SkippableFact]
    public async Task The_same_bytes_in_two_batches_at_the_same_moment_are_one_call()
    {
        string[] batches = [NewBatch(), NewBatch()];
        var picture = Png.Noise();
        foreach (var batch in batches) await Host.MakeHeldAsync(batch);
        await DropAsync(batches[0], "one name.png", picture);
        await DropAsync(batches[1], "another.png", picture);
        foreach (var batch in batches) await Host.WaitForStatusAsync(batch, "held");
        var before = await simulator.CallsAsync();

        await simulator.DelayAsync(1000);
        var reports = await Task.WhenAll(batches.Select(batch => Host.RunAgainAsync(batch)));

        Assert.All(reports, report => Assert.Equal("succeeded", report.Status()));
        Assert.Equal(1, await simulator.MediaCallsSinceAsync(before));
        Assert.Single(reports, report => report.EngineCaches() is ["miss"]);
        Assert.Single(reports, report => report.EngineCaches() is ["shared" or "hit"] && report.Spent() == 0);
    }

    [SkippableFact]
    public async Task A_picture_of_the_report_is_made_once_for_an_unchanged_batch_and_can_be_fetched()
    {
        var batch = NewBatch();
        await DropAsync(batch, "batch.json", """{ "illustration": { "size": "1024x640" } }""");
        var first = await RunAsync(batch, ("note.txt", Encoding.UTF8.GetBytes(NewText())));
        var before = await simulator.CallsAsync();
        var second = await Host.RunAgainAsync(batch);

        var (made, known) = (first.GetProperty("illustration"), second.GetProperty("illustration"));
        Assert.Equal(("succeeded", "miss", 1024), (made.Status(), made.GetProperty("step").GetProperty("cache").GetString(), made.GetProperty("width").GetInt32()));
        Assert.Equal(first.Spent(), made.GetProperty("step").GetProperty("costUsd").GetDecimal());
        Assert.Equal(("hit", 0m), (known.GetProperty("step").GetProperty("cache").GetString(), second.Spent()));
        Assert.Equal(before, await simulator.CallsAsync());
        Assert.Equal(1, await simulator.PicturesOfAsync(made.GetProperty("prompt").GetString()!));
        foreach (var report in new[] { first, second })
        {
            using var answer = await Host.GetAsync($"{HostClient.AddressOf(batch)}/runs/{report.GetProperty("runSeq").GetInt32()}/illustration");
            Assert.Equal((HttpStatusCode.OK, "image/jpeg"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
            Assert.Equal(made.GetProperty("bytes").GetInt64(), (await answer.Content.ReadAsByteArrayAsync()).Length);
        }
    }

    [SkippableFact]
    public async Task Changed_names_of_known_content_cost_nothing()
    {
        var picture = Png.Noise();
        await RunAsync(NewBatch(), ("a.png", picture));
        var before = await simulator.CallsAsync();
        var report = await RunAsync(NewBatch(), ("renamed.png", picture));

        Assert.Equal(0, await simulator.MediaCallsSinceAsync(before));
        Assert.Equal("hit", Assert.Single(report.EngineCaches()));
    }

    [SkippableFact]
    public async Task A_cancelled_run_ends_with_a_report_of_its_cancellation()
    {
        var batch = NewBatch();
        await Host.MakeHeldAsync(batch);
        for (var n = 0; n < 30; n++) await DropAsync(batch, $"{n:D2}.png", Png.Noise());
        await Host.WaitForStatusAsync(batch, "held");
        await simulator.DelayAsync(2000);
        await Host.StartAsync(batch);
        await Host.WaitUntilAsync(
            batch,
            d => d is { } details && details.TryGetProperty("progress", out var p) && p.ValueKind == System.Text.Json.JsonValueKind.Object
                && p.GetProperty("count").ValueKind == System.Text.Json.JsonValueKind.Number, "take its inventory");
        using var running = await Host.SendAsync(HttpMethod.Delete, HostClient.AddressOf(batch));
        using var cancelled = await Host.PostAsync($"{HostClient.AddressOf(batch)}/cancel");
        var report = await Host.WaitForReportAsync(batch, _ => true);

        await HostClient.AssertProblemAsync(running, HttpStatusCode.Conflict, "batch-running");
        Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);
        Assert.Equal("cancelled", report.Status());
        Assert.Contains(report.GetProperty("items").EnumerateArray(), i => i.Status() == "cancelled");
        Assert.Equal("cancelled", (await Host.GetJsonAsync(HostClient.AddressOf(batch))).Status());
    }

    [SkippableFact]
    public async Task A_cancelled_batch_can_be_run_to_its_end()
    {
        var batch = NewBatch();
        await Host.MakeHeldAsync(batch);
        await DropAsync(batch, "a.png", Png.Noise());
        await Host.WaitForStatusAsync(batch, "held");
        await simulator.DelayAsync(2000);
        await Host.StartAsync(batch);
        await Host.WaitForStatusAsync(batch, "running");
        using var cancelled = await Host.PostAsync($"{HostClient.AddressOf(batch)}/cancel");
        await Host.WaitForReportAsync(batch, r => r.Status() == "cancelled");
        await simulator.DelayAsync(0);

        Assert.Equal("succeeded", (await Host.RunAgainAsync(batch)).Status());
    }

    [SkippableFact]
    public async Task A_file_dropped_during_a_run_is_in_the_next_one()
    {
        var batch = NewBatch();
        await Host.MakeHeldAsync(batch);
        await DropAsync(batch, "first.png", Png.Noise());
        await Host.WaitForStatusAsync(batch, "held");
        await simulator.DelayAsync(4000);
        await Host.StartAsync(batch);
        await Host.WaitUntilAsync(
            batch,
            d => d is { } details && details.GetProperty("progress").ValueKind == System.Text.Json.JsonValueKind.Object
                && details.GetProperty("progress").GetProperty("count").ValueKind == System.Text.Json.JsonValueKind.Number, "take its inventory");
        await DropAsync(batch, "second.txt", NewText());
        await simulator.DelayAsync(0);
        await Host.WaitForStatusAsync(batch, "held");
        var report = await Host.RunAgainAsync(batch);

        Assert.Equal("succeeded", report.Status());
        Assert.Equal(2, report.GetProperty("items").GetArrayLength());
    }
}
