using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace MultiModal.Conformance.Tests;

/// <summary>What becomes of files that are dropped into the inbox.</summary>
public sealed class DropTests : ConformanceTest
{
    [SkippableFact]
    public async Task Files_that_are_dropped_come_back_as_one_report()
    {
        var batch = NewBatch();
        var text = NewText();
        var report = await RunAsync(
            batch, ("note.txt", Encoding.UTF8.GetBytes(text)), ("minutes/agenda.md", Encoding.UTF8.GetBytes(NewText("# Agenda"))));

        Assert.Equal("succeeded", report.Status());
        Assert.Equal(batch, report.GetProperty("batch").GetString());
        Assert.Contains(text, report.Item("note.txt").GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal("text", report.Item("minutes/agenda.md").GetProperty("kind").GetString());
        Assert.Equal(2, report.GetProperty("items").GetArrayLength());
    }

    [SkippableFact]
    public async Task Files_dropped_within_a_quiet_period_are_one_run()
    {
        var batch = NewBatch();
        var files = Enumerable.Range(0, 5).Select(n => ($"{n}.txt", Encoding.UTF8.GetBytes(NewText()))).ToArray();
        var report = await RunAsync(batch, files);

        Assert.Equal(5, report.GetProperty("items").GetArrayLength());
        Assert.Equal(1, report.GetProperty("runSeq").GetInt32());
    }

    [SkippableFact]
    public async Task A_file_at_the_root_of_the_inbox_is_a_batch_of_one()
    {
        var batch = NewBatch() + ".txt";
        await Inbox.GetBlobClient(batch).UploadAsync(BinaryData.FromString(NewText()));
        var report = await Host.WaitForReportAsync(batch, _ => true);
        using var deleted = await Host.SendAsync(HttpMethod.Delete, HostClient.AddressOf(batch));

        Assert.Equal("succeeded", report.Status());
        Assert.Single(report.GetProperty("items").EnumerateArray());
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
    }

    [SkippableFact]
    public async Task Each_broken_file_fails_alone_with_a_code_of_its_own()
    {
        var batch = NewBatch();
        var text = NewText();
        var report = await RunAsync(
            batch,
            ("good.txt", Encoding.UTF8.GetBytes(text)),
            ("empty.txt", []),
            ("corrupt.png", Png.Corrupt()),
            ("corrupt.wav", [.. "RIFF\x24\0\0\0WAVEfmt \x10\0\0\0"u8, .. RandomNumberGenerator.GetBytes(40)]),
            ("unknown.bin", [0, 1, 2, 3, 0xFF, 0xFE, .. RandomNumberGenerator.GetBytes(64)]));

        Assert.Equal("partiallySucceeded", report.Status());
        Assert.Equal("succeeded", report.Item("good.txt").Status());
        Assert.Equal("empty-file", report.Item("empty.txt").Code());
        Assert.Equal("corrupt-image", report.Item("corrupt.png").Code());
        Assert.Contains("-audio", report.Item("corrupt.wav").Code(), StringComparison.Ordinal);
        Assert.Equal(("unknown-format", "unsupported"), (report.Item("unknown.bin").Code(), report.Item("unknown.bin").Status()));
    }

    [SkippableFact]
    public async Task The_kind_of_a_file_is_what_is_in_it_whatever_it_is_called()
    {
        var report = await RunAsync(NewBatch(), ("song.mp3", Encoding.UTF8.GetBytes(NewText())), ("note.txt", Png.Noise()));

        Assert.Equal("text", report.Item("song.mp3").GetProperty("kind").GetString());
        Assert.Equal("image", report.Item("note.txt").GetProperty("kind").GetString());
    }

    [SkippableFact]
    public async Task Junk_files_are_only_counted()
    {
        var batch = NewBatch();
        foreach (var junk in new[] { ".DS_Store", "folder/Thumbs.db", "~$letter.docx", "._note.txt" }) await DropAsync(batch, junk, "junk");
        var report = await RunAsync(batch, ("note.txt", Encoding.UTF8.GetBytes(NewText())));

        Assert.Equal("succeeded", report.Status());
        Assert.Single(report.GetProperty("items").EnumerateArray());
        Assert.Equal(4, report.GetProperty("ignored").GetInt32());
    }

    [SkippableFact]
    public async Task An_unsupported_file_alone_does_not_make_a_batch_partial()
    {
        var report = await RunAsync(
            NewBatch(), ("note.txt", Encoding.UTF8.GetBytes(NewText())),
            ("data.bin", [0, 1, 2, 3, 0xFF, 0xFE, .. RandomNumberGenerator.GetBytes(64)]));

        Assert.Equal("succeeded", report.Status());
    }

    [SkippableFact]
    public async Task Equal_files_of_a_batch_are_done_once()
    {
        var text = Encoding.UTF8.GetBytes(NewText());
        var report = await RunAsync(NewBatch(), ("a.txt", text), ("b.txt", text));

        Assert.Equal("a.txt", report.Item("b.txt").GetProperty("duplicateOf").GetString());
        Assert.Empty(report.Item("b.txt").GetProperty("steps").EnumerateArray());
        Assert.Equal("succeeded", report.Item("b.txt").Status());
    }

    [SkippableFact]
    public async Task A_replaced_file_leads_to_a_run_that_reads_the_new_one()
    {
        var batch = NewBatch();
        var (before, after) = (NewText("Before."), NewText("After."));
        var first = await RunAsync(batch, ("note.txt", Encoding.UTF8.GetBytes(before)));
        await DropAsync(batch, "note.txt", after);
        var second = await Host.WaitForReportAsync(batch, r => r.GetProperty("runSeq").GetInt32() > first.GetProperty("runSeq").GetInt32());

        Assert.Contains(after, second.Item("note.txt").GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(after))), second.Item("note.txt").GetProperty("contentHash").GetString());
        Assert.NotEqual(first.GetProperty("inventoryDigest").GetString(), second.GetProperty("inventoryDigest").GetString());
    }

    [SkippableFact]
    public async Task A_batch_with_a_manual_start_waits_for_it()
    {
        var batch = NewBatch();
        await Host.MakeHeldAsync(batch);
        await DropAsync(batch, "note.txt", NewText());
        await Host.WaitForStatusAsync(batch, "held");
        using var early = await Host.GetAsync($"{HostClient.AddressOf(batch)}/report");
        await HostClient.AssertProblemAsync(early, HttpStatusCode.NotFound, "report-not-ready");
        Assert.NotNull(early.Headers.RetryAfter);

        Assert.Equal("succeeded", (await Host.RunAgainAsync(batch)).Status());
    }

    [SkippableFact]
    public async Task An_invalid_batch_json_fails_the_batch_with_its_code()
    {
        var batch = NewBatch();
        await DropAsync(batch, "batch.json", """{"maxEdge": "large"}""");
        await DropAsync(batch, "note.txt", NewText());
        var report = await Host.WaitForReportAsync(batch, _ => true);

        Assert.Equal("failed", report.Status());
        Assert.Equal("invalid-batch-options", report.Code());
    }

    [SkippableFact]
    public async Task Options_of_a_batch_are_in_its_report()
    {
        var batch = NewBatch();
        await DropAsync(batch, "batch.json", """{"language": "de", "instructions": "minutes of a meeting"}""");
        var report = await RunAsync(batch, ("note.txt", Encoding.UTF8.GetBytes(NewText())));

        Assert.Equal("de", report.GetProperty("options").GetProperty("language").GetString());
        Assert.DoesNotContain(report.GetProperty("items").EnumerateArray(), i => i.GetProperty("name").GetString() == "batch.json");
    }

    [SkippableFact]
    public async Task A_run_of_failed_items_carries_over_the_others()
    {
        var batch = NewBatch();
        await RunAsync(batch, ("good.txt", Encoding.UTF8.GetBytes(NewText())), ("bad.png", Png.Corrupt()));
        var again = await Host.RunAgainAsync(batch, "?only=failed");

        Assert.Equal("succeeded", again.Item("good.txt").Status());
        Assert.Equal("corrupt-image", again.Item("bad.png").Code());
    }
}
