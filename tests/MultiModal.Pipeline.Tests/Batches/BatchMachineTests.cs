using MultiModal.Pipeline.Batches;

namespace MultiModal.Pipeline.Tests.Batches;

public class BatchMachineTests
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly BatchState New = new() { Batch = BatchName.Parse("holiday") };

    private static DateTimeOffset At(double seconds) => Noon.AddSeconds(seconds);

    private static RunResult Result(int runSeq, bool superseded = false) => new(runSeq, RunStatus.Succeeded, "digest", superseded);

    private static BatchState Running(int runSeq = 1) => New with { Phase = BatchPhase.Running, RunSeq = runSeq };

    [Fact]
    public void A_drop_opens_a_quiet_window_and_quiet_starts_the_first_run()
    {
        var dropped = BatchMachine.Dropped(New, At(0), Quiet);
        Assert.Equal(At(5), dropped.WakeAt);
        Assert.Null(dropped.Start);

        var woke = BatchMachine.Woke(dropped.State, At(5), BatchReadiness.Ready, Quiet);
        Assert.Equal(new RunReference(New.Batch, 1, BatchSince: At(5)), woke.Start);
        Assert.Equal(BatchPhase.Running, woke.State.Phase);
    }

    [Fact]
    public void Every_run_of_a_batch_says_since_when_the_batch_has_run()
    {
        var first = BatchMachine.StartRequested(New, At(1), RunScope.All);
        var second = BatchMachine.StartRequested(BatchMachine.Finished(first.State, At(2), 1, Result(1), Quiet).State, At(3), RunScope.All);
        Assert.Equal((At(1), At(1)), (first.Start?.BatchSince, second.Start?.BatchSince));

        // A state that an older build left says nothing; a run that is under way keeps its name in the ledger.
        Assert.Null(BatchMachine.Dropped(Running(7), At(4), Quiet).State.Since);
    }

    [Fact]
    public void Each_drop_restarts_the_window_with_one_wake_up_outstanding()
    {
        var first = BatchMachine.Dropped(New, At(0), Quiet);
        var second = BatchMachine.Dropped(first.State, At(3), Quiet);
        Assert.Null(second.WakeAt);
        Assert.Equal((At(8), At(5)), (second.State.QuietUntil, second.State.WakeAt));

        var early = BatchMachine.Woke(second.State, At(5), BatchReadiness.Ready, Quiet);
        Assert.Null(early.Start);
        Assert.Equal(At(8), early.WakeAt);
        Assert.NotNull(BatchMachine.Woke(early.State, At(8), BatchReadiness.Ready, Quiet).Start);
    }

    [Fact]
    public void Drops_that_never_cease_postpone_a_run_by_ten_quiet_periods_at_most()
    {
        var decision = BatchMachine.Dropped(New, At(0), Quiet);
        for (var seconds = 4; seconds < 60 && decision.Start is null; seconds += 4)
        {
            decision = BatchMachine.Dropped(decision.State, At(seconds), Quiet);
            if (decision.State.QuietUntil <= At(seconds)) decision = BatchMachine.Woke(decision.State, At(seconds), BatchReadiness.Ready, Quiet);
        }

        Assert.Equal(1, decision.Start?.RunSeq);
        Assert.Equal(At(52), decision.State.StartedAt);
        Assert.Null(decision.State.QuietSince);
    }

    [Fact]
    public void A_run_is_due_ten_quiet_periods_after_the_first_drop_whatever_was_dropped_since()
    {
        var first = BatchMachine.Dropped(New, At(0), Quiet).State;
        Assert.Equal(At(50), BatchMachine.Dropped(first, At(48), Quiet).State.QuietUntil);
    }

    [Fact]
    public void Setting_the_clock_back_does_not_lengthen_the_quiet_period()
    {
        var dropped = BatchMachine.Dropped(New, At(0), Quiet);

        Assert.NotNull(BatchMachine.Woke(dropped.State, At(-3600), BatchReadiness.Ready, Quiet).Start);
    }

    [Fact]
    public void A_manual_batch_is_held_until_somebody_starts_it()
    {
        var held = BatchMachine.Woke(BatchMachine.Dropped(New, At(0), Quiet).State, At(5), BatchReadiness.AwaitsStart, Quiet);
        Assert.Equal(BatchPhase.Held, held.State.Phase);
        Assert.Null(held.Start);
        Assert.Equal(1, BatchMachine.StartRequested(held.State, At(9), RunScope.All).Start?.RunSeq);
    }

    [Fact]
    public void A_batch_is_held_during_an_upload_and_looked_at_again_when_it_is_completed()
    {
        var held = BatchMachine.Woke(BatchMachine.Dropped(New, At(0), Quiet).State, At(5), BatchReadiness.AwaitsUpload, Quiet);
        Assert.Equal((BatchPhase.Held, HoldReason.Upload), (held.State.Phase, held.State.HeldFor));
        Assert.Null(held.Start);

        Assert.Equal(new BatchDecision(held.State), BatchMachine.Swept(held.State, At(8), "digest", isUploading: true, Quiet));
        var swept = BatchMachine.Swept(held.State, At(8), "digest", isUploading: false, Quiet);
        Assert.Equal((BatchPhase.Quiet, null, At(13)), (swept.State.Phase, swept.State.HeldFor, swept.WakeAt));
        var started = BatchMachine.StartRequested(held.State, At(9), RunScope.All);
        Assert.Equal((1, null), (started.Start?.RunSeq, started.State.HeldFor));
    }

    [Fact]
    public void A_batch_that_is_held_for_a_start_is_not_started_by_a_sweep()
    {
        var held = BatchMachine.Woke(BatchMachine.Dropped(New, At(0), Quiet).State, At(5), BatchReadiness.AwaitsStart, Quiet);

        Assert.Equal(new BatchDecision(held.State), BatchMachine.Swept(held.State, At(8), "digest", isUploading: false, Quiet));
    }

    [Fact]
    public void A_drop_during_a_run_makes_the_batch_run_again()
    {
        var dirty = BatchMachine.Dropped(Running(), At(1), Quiet);
        Assert.Null(dirty.WakeAt);
        Assert.Null(dirty.Start);

        var finished = BatchMachine.Finished(dirty.State, At(2), 1, Result(1), Quiet);
        Assert.Equal(At(7), finished.WakeAt);
        Assert.Equal(2, BatchMachine.Woke(finished.State, At(7), BatchReadiness.Ready, Quiet).Start?.RunSeq);
    }

    [Fact]
    public void A_run_that_saw_everything_puts_the_batch_to_rest()
    {
        var rested = BatchMachine.Finished(Running(), At(2), 1, Result(1), Quiet);
        Assert.Equal(BatchPhase.Resting, rested.State.Phase);
        Assert.Equal("digest", rested.State.LastDigest);
        Assert.Null(rested.WakeAt);
        Assert.Null(rested.Start);
    }

    [Fact]
    public void A_superseded_run_is_followed_by_another_even_if_no_event_came() =>
        Assert.Equal(BatchPhase.Quiet, BatchMachine.Finished(Running(), At(2), 1, Result(1, superseded: true), Quiet).State.Phase);

    [Fact]
    public void A_run_without_a_report_is_tried_again() =>
        Assert.Equal(BatchPhase.Quiet, BatchMachine.Finished(Running(), At(2), 1, null, Quiet).State.Phase);

    [Fact]
    public void Each_run_without_a_report_doubles_the_pause_up_to_a_day()
    {
        var decision = BatchMachine.StartRequested(New, At(0), RunScope.All);
        var clock = At(0);
        var pauses = new List<TimeSpan>();
        for (var run = 1; run <= 20; run++)
        {
            decision = BatchMachine.Finished(decision.State, clock, run, null, Quiet);
            pauses.Add(decision.WakeAt!.Value - clock);

            // A wake-up that comes early, since no timer is set for so long, is asked for again.
            var early = BatchMachine.Woke(decision.State, clock + (pauses[^1] / 2), BatchReadiness.Ready, Quiet);
            Assert.Null(early.Start);
            Assert.Equal(decision.WakeAt, early.WakeAt);
            clock = decision.WakeAt.Value;
            decision = BatchMachine.Woke(early.State, clock, BatchReadiness.Ready, Quiet);
            Assert.Equal((run + 1, true), (decision.Start?.RunSeq, decision.Start?.IsRetry));
        }

        Assert.Equal([5, 10, 20, 40, 80], pauses.Take(5).Select(p => p.TotalSeconds));
        Assert.Equal(TimeSpan.FromDays(1), pauses[^1]);
        Assert.Equal(pauses.Order(), pauses);
    }

    [Fact]
    public void A_run_that_comes_to_a_report_ends_the_growing_pauses()
    {
        var broken = Running(9) with { BrokenRuns = 8 };
        var rested = BatchMachine.Finished(broken, At(0), 9, Result(9), Quiet).State;
        var again = BatchMachine.StartRequested(rested, At(1), RunScope.All).State;
        Assert.False(again.LatestRun().IsRetry);
        Assert.Equal(At(7), BatchMachine.Finished(again, At(2), 10, null, Quiet).WakeAt);
    }

    [Fact]
    public void Without_a_quiet_period_a_broken_run_is_still_followed_by_a_pause() =>
        Assert.Equal(At(3), BatchMachine.Finished(Running(), At(2), 1, null, TimeSpan.Zero).WakeAt);

    [Fact]
    public void A_drop_in_a_long_pause_is_run_after_a_quiet_period()
    {
        var paused = BatchMachine.Finished(Running(9) with { BrokenRuns = 8 }, At(0), 9, null, Quiet);
        Assert.Equal(At(5 * 256), paused.WakeAt);

        var dropped = BatchMachine.Dropped(paused.State, At(10), Quiet);
        Assert.Equal(At(15), dropped.WakeAt);
        Assert.Null(BatchMachine.Dropped(dropped.State, At(11), Quiet).WakeAt);
        Assert.Equal(10, BatchMachine.Woke(dropped.State, At(15), BatchReadiness.Ready, Quiet).Start?.RunSeq);
    }

    [Fact]
    public void A_batch_whose_only_file_was_deleted_rests_without_a_run()
    {
        var woke = BatchMachine.Woke(BatchMachine.Dropped(New, At(0), Quiet).State, At(5), BatchReadiness.Empty, Quiet);
        Assert.Null(woke.Start);
        Assert.Equal((BatchPhase.Resting, true, null), (woke.State.Phase, woke.State.IsEmpty, woke.State.QuietUntil));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void A_batch_with_nothing_but_its_options_is_held_for_its_files_and_empty_once_it_has_run(int runs, bool isEmpty)
    {
        var state = New with { RunSeq = runs, LastDigest = "digest" };
        var woke = BatchMachine.Woke(BatchMachine.Dropped(state, At(0), Quiet).State, At(5), BatchReadiness.OnlyOptions, Quiet);
        Assert.Null(woke.Start);
        Assert.Equal((BatchPhase.Held, isEmpty), (woke.State.Phase, woke.State.IsEmpty));

        // A sweep that lists the options leaves it alone, and a file that is dropped is run.
        Assert.Equal(new BatchDecision(woke.State), BatchMachine.Swept(woke.State, At(9), "other", isUploading: false, Quiet));
        Assert.False(BatchMachine.Dropped(woke.State, At(10), Quiet).State.IsEmpty);
    }

    [Theory]
    [InlineData(BatchPhase.Resting)]
    [InlineData(BatchPhase.Held)]
    public void A_batch_whose_files_were_all_deleted_is_empty_until_one_is_dropped(BatchPhase phase)
    {
        var state = New with { Phase = phase, RunSeq = 1, LastStatus = RunStatus.Succeeded, LastDigest = "digest" };
        var empty = BatchMachine.Swept(state, At(9), digest: null, isUploading: false, Quiet);
        Assert.Null(empty.WakeAt);
        Assert.Equal((BatchPhase.Resting, true), (empty.State.Phase, empty.State.IsEmpty));
        Assert.False(BatchMachine.Dropped(empty.State, At(10), Quiet).State.IsEmpty);

        // What comes back as it was, by an undelete, is looked at again.
        Assert.Equal(At(15), BatchMachine.Swept(empty.State, At(10), "digest", isUploading: false, Quiet).WakeAt);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void The_end_of_another_run_is_ignored(int runSeq)
    {
        var state = Running(2) with { Dirty = true };
        Assert.Equal(new BatchDecision(state), BatchMachine.Finished(state, At(2), runSeq, Result(runSeq), Quiet));
    }

    [Fact]
    public void A_start_during_a_run_follows_it_at_once_with_the_widest_scope_asked_for()
    {
        var state = BatchMachine.StartRequested(Running(), At(1), RunScope.Failed).State;
        Assert.Equal(new RunReference(New.Batch, 2, RunScope.Failed, At(2)), BatchMachine.Finished(state, At(2), 1, Result(1), Quiet).Start);

        state = BatchMachine.StartRequested(state, At(1), RunScope.All).State;
        state = BatchMachine.StartRequested(state, At(1), RunScope.Failed).State;
        Assert.Equal(new RunReference(New.Batch, 2, BatchSince: At(2)), BatchMachine.Finished(state, At(2), 1, Result(1), Quiet).Start);
    }

    [Fact]
    public void A_sweep_finds_changes_that_no_event_reported()
    {
        var rested = BatchMachine.Finished(Running(), At(0), 1, Result(1), Quiet).State;
        Assert.Null(BatchMachine.Swept(rested, At(9), "digest", isUploading: false, Quiet).WakeAt);
        Assert.Null(BatchMachine.Swept(rested, At(9), null, isUploading: false, Quiet).WakeAt);
        Assert.Equal(At(14), BatchMachine.Swept(rested, At(9), "another", isUploading: false, Quiet).WakeAt);
    }

    [Fact]
    public void A_sweep_replaces_a_wake_up_that_was_lost()
    {
        var waiting = BatchMachine.Dropped(New, At(0), Quiet).State;
        Assert.Null(BatchMachine.Swept(waiting, At(10), "digest", isUploading: false, Quiet).WakeAt);
        Assert.Equal(At(11), BatchMachine.Swept(waiting, At(11), "digest", isUploading: false, Quiet).WakeAt);
    }

    [Fact]
    public void A_wake_up_at_the_moment_of_the_drop_waits_for_the_whole_window()
    {
        var early = BatchMachine.Woke(BatchMachine.Dropped(New, At(0), Quiet).State, At(0), BatchReadiness.Ready, Quiet);
        Assert.Null(early.Start);
        Assert.Equal((BatchPhase.Quiet, At(5)), (early.State.Phase, early.WakeAt));
    }

    [Fact]
    public void A_run_without_a_report_leaves_the_digest_of_the_one_before_and_a_run_with_one_replaces_it()
    {
        var running = Running() with { LastDigest = "earlier" };
        Assert.Equal("earlier", BatchMachine.Finished(running, At(1), 1, result: null, Quiet).State.LastDigest);
        Assert.Equal("digest", BatchMachine.Finished(running, At(1), 1, Result(1), Quiet).State.LastDigest);
    }

    [Fact]
    public void A_run_that_ends_leaves_no_wish_for_another_and_one_that_starts_leaves_an_empty_batch_no_longer_empty()
    {
        var ended = BatchMachine.Finished(Running() with { Dirty = true }, At(2), 1, Result(1), Quiet).State;
        Assert.Equal((BatchPhase.Quiet, false, false), (ended.Phase, ended.Dirty, ended.StartAgain));

        var started = BatchMachine.StartRequested(New with { IsEmpty = true, Dirty = true, StartAgain = true }, At(2), RunScope.All).State;
        Assert.Equal((false, false, false), (started.IsEmpty, started.Dirty, started.StartAgain));
    }

    [Fact]
    public void A_late_or_second_wake_up_is_harmless()
    {
        Assert.Equal(new BatchDecision(Running()), BatchMachine.Woke(Running(), At(9), BatchReadiness.Ready, Quiet));
        Assert.Equal(new BatchDecision(New), BatchMachine.Woke(New, At(9), BatchReadiness.Ready, Quiet));
    }

    /// <summary>Whatever comes in whatever order: run numbers only rise, at most one run is under way, no drop is forgotten.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void No_order_of_events_loses_a_drop(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var state = New;
            var clock = 0.0;
            double lastDrop = -1, lastRunStart = -1;
            var wakes = new List<DateTimeOffset>();
            var running = 0;

            void Apply(BatchDecision decision)
            {
                state = decision.State;
                if (decision.WakeAt is { } wake) wakes.Add(wake);
                if (decision.Start is not { } start) return;
                Assert.Equal(0, running);
                running = start.RunSeq;
                lastRunStart = clock;
            }

            void End()
            {
                // What a run reports as superseded is what was dropped after it listed the batch.
                var ended = running;
                running = 0;
                Apply(BatchMachine.Finished(state, At(clock), ended, Result(ended, superseded: lastDrop > lastRunStart), Quiet));
            }

            for (var step = 0; step < 40; step++)
            {
                clock += random.NextDouble() * 3;
                switch (random.Next(5))
                {
                    case 0 or 1: lastDrop = clock; if (random.Next(4) > 0) Apply(BatchMachine.Dropped(state, At(clock), Quiet)); break;
                    case 2: Apply(BatchMachine.Finished(state, At(clock), random.Next(1, 4) + state.RunSeq, Result(99), Quiet)); break;
                    case 3 when running > 0: End(); break;
                    default: Wake(); break;
                }
            }

            void Wake()
            {
                foreach (var wake in wakes.Where(w => w <= At(clock)).ToList())
                {
                    wakes.Remove(wake);
                    Apply(BatchMachine.Woke(state, At(clock), BatchReadiness.Ready, Quiet));
                }
            }

            for (var calm = 0; calm < 12; calm++)
            {
                clock += 10;
                Wake();
                if (running > 0) End();
                if (lastDrop > lastRunStart) Apply(BatchMachine.Swept(state, At(clock), "changed", isUploading: false, Quiet));
            }

            Assert.Equal(BatchPhase.Resting, state.Phase);
            Assert.True(lastRunStart >= lastDrop, $"A drop at {lastDrop} was never looked at; the last run started at {lastRunStart}.");
            Assert.True(wakes.Count <= 1);
        }
    }
}
