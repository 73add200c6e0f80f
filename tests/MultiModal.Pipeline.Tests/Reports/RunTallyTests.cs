using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;
using static MultiModal.Pipeline.Tests.Reports.RunSketch;

namespace MultiModal.Pipeline.Tests.Reports;

public sealed class RunTallyTests
{
    private readonly RunTally tally = new();

    [Theory]
    [InlineData("", RunStatus.Succeeded)]
    [InlineData("s", RunStatus.Succeeded)]
    [InlineData("s u", RunStatus.Succeeded)]
    [InlineData("u", RunStatus.Succeeded)]
    [InlineData("k", RunStatus.Succeeded)]
    [InlineData("s k u", RunStatus.Succeeded)]
    [InlineData("s f", RunStatus.PartiallySucceeded)]
    [InlineData("k f", RunStatus.PartiallySucceeded)]
    [InlineData("s s?", RunStatus.PartiallySucceeded)]
    [InlineData("s? s", RunStatus.PartiallySucceeded)]
    [InlineData("f", RunStatus.Failed)]
    [InlineData("f f u", RunStatus.Failed)]
    [InlineData("s c", RunStatus.Cancelled)]
    [InlineData("f c", RunStatus.Cancelled)]
    public void The_items_of_a_run_decide_its_status(string items, RunStatus expected)
    {
        foreach (var item in items.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            tally.Add(
                item[0] switch { 's' => ItemStatus.Succeeded, 'f' => ItemStatus.Failed, 'k' => ItemStatus.Skipped, 'u' => ItemStatus.Unsupported,
                    _ => ItemStatus.Cancelled },
                partly: item.EndsWith('?'));
        }

        Assert.Equal(expected, tally.Status(cancelled: false, synthesisLacks: false));
        Assert.Equal(RunStatus.Cancelled, tally.Status(cancelled: true, synthesisLacks: false));
    }

    [Fact]
    public void A_synthesis_that_lacks_something_makes_a_run_partial() =>
        Assert.Equal(RunStatus.PartiallySucceeded, tally.Status(cancelled: false, synthesisLacks: true));

    [Theory]
    [InlineData(FailureCodes.BudgetExceeded, 1)]
    [InlineData(FailureCodes.ModelUnpriced, 1)]
    [InlineData(FailureCodes.EngineFault, 0)]
    public void A_step_left_out_by_the_budget_is_counted_and_makes_a_run_partial(string code, int leftOut)
    {
        tally.Add(Not(StepNames.AnalyzeImage, StepStatus.Skipped, code) with { Engine = "OpenAI/gpt-4o" });
        Assert.Equal(leftOut, tally.Cost.LeftOut);
        Assert.Equal(leftOut > 0 ? RunStatus.PartiallySucceeded : RunStatus.Succeeded, tally.Status(cancelled: false, synthesisLacks: false));
        Assert.Equal(code == FailureCodes.ModelUnpriced ? ["OpenAI/gpt-4o"] : [], tally.Cost.Unpriced);
    }

    [Fact]
    public void Money_is_summed_over_all_records()
    {
        tally.Add(Paid(0.1m, 0.01m, 0.001m));
        tally.Add(Paid(0.2m, 0.02m, 0.002m));
        Assert.Equal((0.3m, 0.03m, 0.003m), (tally.Cost.SpentUsd, tally.Cost.SavedByOptimizingUsd, tally.Cost.SavedByCacheUsd));
        Assert.Empty(tally.Cost.Unpriced);
    }

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    public void An_engine_any_of_whose_sums_is_unknown_is_named_once_and_in_order(bool noCost, bool noOptimizing, bool noCache)
    {
        var unpriced = Paid(noCost ? null : 0.1m, noOptimizing ? null : 0.1m, noCache ? null : 0.1m);
        tally.Add(unpriced with { Engine = "OpenAI/z" });
        tally.Add(unpriced with { Engine = "OpenAI/a" });
        tally.Add(unpriced with { Engine = "OpenAI/z" });
        tally.Add(unpriced with { Engine = null });
        Assert.Equal(["OpenAI/a", "OpenAI/z"], tally.Cost.Unpriced);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("Offline/tesseract", false)]
    [InlineData("OpenAI/gpt-4o", true)]
    public void Only_an_engine_that_costs_something_sends_the_report_to_the_ledger(string? engine, bool expected)
    {
        tally.Add(Done(StepNames.ReadText, "text") with { Engine = engine });
        tally.Add(Done(StepNames.ReadText, "text"));
        Assert.Equal(expected, tally.MayHaveSpent);
    }

    [Theory]
    [InlineData(0.05, 0.1)]
    [InlineData(0.5, 0.5)]
    public void The_ledger_may_know_of_more_than_the_records(double settled, double spent)
    {
        tally.Add(Paid(0.1m, 0, 0));
        tally.Reconcile((decimal)settled, 0.7m);
        Assert.Equal(((decimal)spent, 0.7m), (tally.Cost.SpentUsd, tally.Cost.UnknownUsd));
    }

    [Fact]
    public void Only_work_that_was_really_done_counts_as_time_one_after_the_other()
    {
        tally.Add(Timed(100));
        tally.Add(Timed(1000, 300, 400));
        tally.Add(Timed(500, 900));
        tally.Add(Timed(10_000) with { Cache = CacheOutcome.Shared });
        tally.Add(Timed(10_000) with { Status = StepStatus.Skipped });
        tally.Add(Timed(10_000) with { Status = StepStatus.Cancelled });
        tally.Add(Timed(50) with { Status = StepStatus.Failed, Cache = CacheOutcome.Miss });
        tally.Add(Timed(5000) with { WaitedMs = 4950 });
        Assert.Equal(new ReportTiming(500, 1400, 2.8), tally.Timing(TimeSpan.FromMilliseconds(500)));
    }

    [Theory]
    [InlineData(1190, null)]
    [InlineData(1200, 1.2)]
    public void A_speedup_that_may_be_chance_is_not_claimed(long sequentialMs, double? speedup)
    {
        tally.Add(Timed(sequentialMs));
        Assert.Equal(new ReportTiming(1000, sequentialMs, speedup), tally.Timing(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Where_no_time_passed_there_is_no_speedup()
    {
        tally.Add(Timed(100));
        Assert.Equal(new ReportTiming(0, 100, null), tally.Timing(TimeSpan.Zero));
        Assert.Equal(new ReportTiming(0, 100, null), tally.Timing(TimeSpan.FromSeconds(-1)));
    }

    private static StepRecord Paid(decimal? cost, decimal? savedByOptimizing, decimal? savedByCache) =>
        Done(
            StepNames.AnalyzeImage,
            "answer") with { Engine = "OpenAI/gpt-4o", CostUsd = cost, SavedByOptimizingUsd = savedByOptimizing, SavedByCacheUsd = savedByCache };

    private static StepRecord Timed(long milliseconds, params long[] attempts) =>
        Done(
            StepNames.AnalyzeImage,
            "answer") with { DurationMs = milliseconds, Attempts = [.. attempts.Select(ms => new EngineAttempt(Started, ms, 200, null))] };
}
