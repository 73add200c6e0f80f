namespace MultiModal.Pipeline.Batches;

/// <summary>
/// The state machine of a batch: pure functions of a state, an event and a time, which return a decision. Both hosts use it.
/// Events may come twice, late or out of order; a run looks at what it lists itself, so that an event only means "look".
/// </summary>
public static class BatchMachine
{
    /// <summary>Largest number of quiet periods, counted from the first drop, by which continued drops postpone a run.</summary>
    public const int MaxQuietPeriods = 10;

    /// <summary>Longest pause after a broken run. The delay that it adds is never much longer than the fault has lasted.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromDays(1);

    /// <summary>Shortest pause after the first of several broken runs.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);

    /// <summary>A blob of the batch was written (or a sweep found one that no run has seen).</summary>
    public static BatchDecision Dropped(BatchState state, DateTimeOffset now, TimeSpan quietPeriod)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Phase == BatchPhase.Running) return new BatchDecision(state with { Dirty = true });

        var since = (state.Phase == BatchPhase.Quiet ? state.QuietSince : null) ?? now;
        var latest = since + (MaxQuietPeriods * quietPeriod);
        var until = now + quietPeriod;
        return Quieten(state with { Scope = RunScope.All, QuietSince = since, IsEmpty = false }, until < latest ? until : latest);
    }

    /// <summary>A wake-up that was requested has come.</summary>
    /// <param name="state">State before the event.</param>
    /// <param name="now">Current time.</param>
    /// <param name="readiness">What the inbox and the batch's options say at that time.</param>
    /// <param name="quietPeriod">Value as in <see cref="Dropped"/>.</param>
    public static BatchDecision Woke(BatchState state, DateTimeOffset now, BatchReadiness readiness, TimeSpan quietPeriod)
    {
        ArgumentNullException.ThrowIfNull(state);
        var awake = state with { WakeArmed = false, WakeAt = null };
        if (awake.Phase != BatchPhase.Quiet) return new BatchDecision(awake);

        // If more time is left than the longest pause that can be requested, the clock was set back.
        if (awake.QuietUntil is { } until && now < until && until - now <= PauseAfter(awake.BrokenRuns, quietPeriod)) return Quieten(awake, until);
        var looked = awake with { QuietUntil = null, QuietSince = null };
        return readiness switch
        {
            BatchReadiness.Empty => new BatchDecision(looked with { Phase = BatchPhase.Resting, IsEmpty = true }),
            BatchReadiness.OnlyOptions => new BatchDecision(
                looked with { Phase = BatchPhase.Held, HeldFor = HoldReason.Start, IsEmpty = state.RunSeq > 0 }),
            BatchReadiness.AwaitsStart => new BatchDecision(looked with { Phase = BatchPhase.Held, HeldFor = HoldReason.Start }),
            BatchReadiness.AwaitsUpload => new BatchDecision(looked with { Phase = BatchPhase.Held, HeldFor = HoldReason.Upload }),
            _ => Start(awake, now),
        };
    }

    /// <summary>A user asked for a run now.</summary>
    public static BatchDecision StartRequested(BatchState state, DateTimeOffset now, RunScope scope)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Phase != BatchPhase.Running) return Start(state with { Scope = scope }, now);

        // A requested run over all items is not narrowed by a later request for the failed ones.
        var widest = state.StartAgain && state.Scope == RunScope.All ? RunScope.All : scope;
        return new BatchDecision(state with { StartAgain = true, Scope = widest });
    }

    /// <summary>A run ended; the event is ignored unless the run is the current one.</summary>
    /// <param name="state">State before the event.</param>
    /// <param name="now">Current time.</param>
    /// <param name="runSeq">Number of the run.</param>
    /// <param name="result">Result; null for a run that ended without a report: it is tried again after a pause that grows with each such run in a
    /// row.</param>
    /// <param name="quietPeriod">Value as in <see cref="Dropped"/>.</param>
    public static BatchDecision Finished(BatchState state, DateTimeOffset now, int runSeq, RunResult? result, TimeSpan quietPeriod)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Phase != BatchPhase.Running || state.RunSeq != runSeq) return new BatchDecision(state);

        var rested = state with
        {
            Phase = BatchPhase.Resting,
            FinishedAt = now,
            LastStatus = result?.Status,
            LastDigest = result?.InventoryDigest ?? state.LastDigest,
            BrokenRuns = result is null ? state.BrokenRuns + 1 : 0,
            Dirty = false,
            StartAgain = false,
        };
        if (state.StartAgain) return Start(rested, now);
        return state.Dirty || result is null or { Superseded: true }
            ? Quieten(rested with { Scope = RunScope.All }, now + PauseAfter(rested.BrokenRuns, quietPeriod))
            : new BatchDecision(rested with { Scope = RunScope.All });
    }

    /// <summary>A sweep listed the batch.</summary>
    /// <param name="state">State before the event.</param>
    /// <param name="now">Current time.</param>
    /// <param name="digest">Digest of the batch as listed; null where nothing of it is left in the inbox.</param>
    /// <param name="isUploading">Whether the upload that a batch is held for is still marked; has no meaning for another batch.</param>
    /// <param name="quietPeriod">Value as in <see cref="Dropped"/>.</param>
    public static BatchDecision Swept(BatchState state, DateTimeOffset now, string? digest, bool isUploading, TimeSpan quietPeriod)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Phase switch
        {
            BatchPhase.Resting or BatchPhase.Held when digest is null =>
                new BatchDecision(state with { Phase = BatchPhase.Resting, HeldFor = null, IsEmpty = true }),

            // The upload was completed, and its last signal was lost.
            BatchPhase.Held when state.HeldFor == HoldReason.Upload && !isUploading => Dropped(state, now, quietPeriod),
            BatchPhase.Resting when digest != state.LastDigest || state.IsEmpty => Dropped(state, now, quietPeriod),

            // The wake-up is overdue, so it was lost.
            BatchPhase.Quiet
                when state.QuietUntil is { } until
                && now > until + quietPeriod => Quieten(state with { WakeArmed = false, WakeAt = null }, now),
            _ => new BatchDecision(state),
        };
    }

    /// <summary>Pause from the end of a run to the next one that starts automatically.</summary>
    private static TimeSpan PauseAfter(int brokenRuns, TimeSpan quietPeriod) => brokenRuns == 0
        ? quietPeriod
        : new Backoff(quietPeriod > ShortestPause ? quietPeriod : ShortestPause, LongestPause).After(brokenRuns);

    private static BatchDecision Quieten(BatchState state, DateTimeOffset until)
    {
        var comesInTime = state.WakeArmed && (state.WakeAt is not { } at || at <= until);
        var wakeAt = comesInTime ? state.WakeAt : until;
        var quiet = state with { Phase = BatchPhase.Quiet, HeldFor = null, QuietUntil = until, WakeArmed = true, WakeAt = wakeAt };
        return new BatchDecision(quiet, comesInTime ? null : until);
    }

    private static BatchDecision Start(BatchState state, DateTimeOffset now)
    {
        var running = state with
        {
            Phase = BatchPhase.Running,
            HeldFor = null,
            RunSeq = state.RunSeq + 1,
            Since = state.Since ?? now,
            QuietUntil = null,
            QuietSince = null,
            IsEmpty = false,
            StartedAt = now,
            Dirty = false,
            StartAgain = false,
        };
        return new BatchDecision(running, Start: running.LatestRun());
    }
}

/// <summary>The decision after an event: the new state, and what the host has to do once it is stored.</summary>
/// <param name="State">State to store.</param>
/// <param name="WakeAt">Time at which to call <see cref="BatchMachine.Woke"/>; null for no new wake-up.</param>
/// <param name="Start">Run to start; null for none.</param>
public sealed record BatchDecision(BatchState State, DateTimeOffset? WakeAt = null, RunReference? Start = null);
