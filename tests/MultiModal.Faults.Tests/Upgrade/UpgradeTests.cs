using System.Text.Json.Nodes;

namespace MultiModal.Faults.Tests.Upgrade;

/// <summary>What an older build stored can be read today, and what it paid for is not paid again. README.md says what was recorded.</summary>
[Collection(SharedAzurite.Name)]
public sealed class UpgradeTests(UpgradedAccount account) : IClassFixture<UpgradedAccount>
{
    /// <summary>Members of a report that differ from run to run, and texts for people that no program depends on.</summary>
    private static readonly string[] Incidental =
        ["etag", "runSeq", "inventoryDigest", "startedAt", "completedAt", "cost", "timing", "steps", "detail", "message", "note", "textNote"];

    [Fact]
    public void The_answers_of_the_older_build_are_the_same_today()
    {
        Assert.NotEmpty(account.Answers);
        foreach (var (expected, answer) in account.Answers)
        {
            if (expected.MediaType == DumpedAnswer.Json) JsonMembers.AssertSame(expected.Path, expected.Text, answer);
            else Assert.Equal(expected.Text, answer);
        }
    }

    [Fact]
    public void No_model_call_is_paid() => Assert.Equal(0, account.PaidCalls);

    [Fact]
    public void A_batch_runs_when_it_is_started_and_not_because_of_the_upgrade() => Assert.Equal(
        account.Recorded.Dump.Batches.Select(batch => (batch, account.Recorded.RunSeqOf(batch) + 1)),
        account.Recorded.Dump.Batches.Select(batch => (batch, account.Runs[batch].RunSeq)));

    [Fact]
    public void Every_report_says_the_same_as_before()
    {
        foreach (var (batch, run) in account.Runs)
        {
            if (account.Recorded.LatestOf(batch) is { } earlier) AssertSaysTheSame(earlier, run);
        }
    }

    [Fact]
    public void Every_step_is_a_hit_and_costs_nothing()
    {
        foreach (var (batch, run) in account.Runs) AssertAllHits(batch, run);
    }

    [Fact]
    public void Files_that_are_dropped_again_are_known_by_their_content()
    {
        Assert.NotEmpty(account.RunsOfNewDrops);
        foreach (var (batch, run) in account.RunsOfNewDrops)
        {
            AssertSaysTheSame(account.Recorded.LatestOf(batch)!, run);
            AssertAllHits(batch, run);
        }
    }

    [Fact]
    public void A_run_that_was_under_way_is_completed()
    {
        var run = account.ResumedRun;
        Assert.Equal(("succeeded", 1), (run.Status, run.RunSeq));
        Assert.All(run.Report["items"]!.AsArray(), item => Assert.Equal("succeeded", item!["status"]!.GetValue<string>()));
        Assert.NotNull(run.Report["synthesis"]);
    }

    [Fact]
    public void A_batch_that_waited_to_be_started_can_be_started()
    {
        var run = account.Runs[RecordedAccount.Held];
        Assert.Equal(("succeeded", 1), (run.Status, run.RunSeq));
    }

    private void AssertSaysTheSame(RecordedReport earlier, RunOfToday run)
    {
        // Other versions of the offline programs have answers of their own.
        var programsDiffer = StepsOf(run.Report).Any(step => IsOffline(step) && Read(step, "cache") != "hit");
        string[] except = programsDiffer ? [.. Incidental, "image", "audio", "synthesis"] : Incidental;
        JsonMembers.AssertSame(earlier.Batch, earlier.Json, run.Report.ToJsonString(), except);
        foreach (var (index, detail) in run.Details)
        {
            var name = $"{earlier.Folder}/items/{index}.json";
            var blob = account.Recorded.Dump.Blobs.Single(b => b.Container == StorageDump.Results && b.Name == name);
            JsonMembers.AssertSame(name, blob.Text, detail, except);
        }
    }

    private void AssertAllHits(string batch, RunOfToday run)
    {
        Assert.Equal(0, run.Report["cost"]!["spentUsd"]!.GetValue<decimal>());
        Assert.Equal(0, run.Report["cost"]!["unknownUsd"]!.GetValue<decimal>());
        Assert.All(StepsOf(run.Report), step => Assert.Equal(0, step["costUsd"]!.GetValue<decimal>()));
        if (account.Recorded.LatestOf(batch) is not { } earlier) return;

        // Where the earlier run kept an answer, today's run has found it. An offline program of another version answers anew, and for nothing. So are
        // PDFs read anew, in which today's build finds more than text and scans.
        var kept = StepsOf(JsonNode.Parse(earlier.Json)!).Where(IsCached).Where(step => !IsReading(step))
            .Select(step => $"{batch}: {Read(step, "step")} hit");
        var found = StepsOf(run.Report).Where(IsCached).Where(step => !IsReading(step))
            .Select(step => $"{batch}: {Read(step, "step")} {(IsOffline(step) ? "hit" : Read(step, "cache"))}");
        Assert.Equal(kept, found);
    }

    private static bool IsReading(JsonNode step) => Read(step, "step") == "read-text";

    private static IEnumerable<JsonNode> StepsOf(JsonNode report) =>
        report["items"]!.AsArray().SelectMany(i => i!["steps"]!.AsArray()).Select(s => s!);

    private static bool IsCached(JsonNode step) => Read(step, "status") == "succeeded" && Read(step, "cache") != "none";

    private static bool IsOffline(JsonNode step) => Read(step, "engine")?.StartsWith("Offline/", StringComparison.Ordinal) == true;

    private static string? Read(JsonNode step, string member) => step[member]?.GetValue<string>();
}
