namespace MultiModal.Pipeline.Batches;

/// <summary>
/// A batch's life: pure functions from a state, an event and the time it is given to a decision. Both hosts run this one.
/// Events may come twice, late or out of order; what a run looks at is what it lists, so that an event only says "look".
/// </summary>
public static class BatchMachine
{
    /// <summary>Drops that keep coming postpone a run by so many quiet periods at most, counted from the first of them.</summary>
    public const int MaxQuietPeriods = 10;

    /// <summary>No pause after a broken run is longer. The delay that it adds is never much longer than the fault has lasted.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromDays(1);

    /// <summary>The pause after the first of several broken runs is not shorter.</summary>
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

    /// <summary>A wake-up that was asked for has come.</summary>
    /// <param name="state">Before.</param>
    /// <param name="now">The time.</param>
    /// <param name="mode">From the batch's options as they are now; null where the inbox holds nothing of the batch.</param>
    /// <param name="quietPeriod">As for <see cref="Dropped"/>.</param>
    public static BatchDecision Woke(BatchState state, DateTimeOffset now, StartMode? mode, TimeSpan quietPeriod)
    {
        ArgumentNullException.ThrowIfNull(state);
        var awake = state with { WakeArmed = false, WakeAt = null };
        if (awake.Phase != BatchPhase.Quiet) return new BatchDecision(awake);

        // Where more is left than the longest pause that could have been asked for, the clock was set back.
        if (awake.QuietUntil is { } until && now < until && until - now <= PauseAfter(awake.BrokenRuns, quietPeriod)) return Quieten(awake, until);
        return mode switch
        {
            null => new BatchDecision(awake with { Phase = BatchPhase.Resting, QuietUntil = null, QuietSince = null, IsEmpty = true }),
            StartMode.Manual => new BatchDecision(awake with { Phase = BatchPhase.Held, QuietUntil = null, QuietSince = null }),
            _ => Start(awake, now),
        };
    }

    /// <summary>Somebody asked for a run now.</summary>
    public static BatchDecision StartRequested(BatchState state, DateTimeOffset now, RunScope scope)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Phase != BatchPhase.Running) return Start(state with { Scope = scope }, now);

        // A run over all items that is already asked for is not narrowed by a later wish for the failed ones.
        var widest = state.StartAgain && state.Scope == RunScope.All ? RunScope.All : scope;
        return new BatchDecision(state with { StartAgain = true, Scope = widest });
    }

    /// <summary>A run ended; of another run than the current one it means nothing.</summary>
    /// <param name="state">Before.</param>
    /// <param name="now">The time.</param>
    /// <param name="runSeq">Which run.</param>
    /// <param name="result">Null for a run that ended without a report: it is tried again after a pause that grows with each such run in a row.</param>
    /// <param name="quietPeriod">As for <see cref="Dropped"/>.</param>
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
    /// <param name="state">Before.</param>
    /// <param name="now">The time.</param>
    /// <param name="digest">Of the batch as listed; null where nothing of it is left in the inbox.</param>
    /// <param name="quietPeriod">As for <see cref="Dropped"/>.</param>
    public static BatchDecision Swept(BatchState state, DateTimeOffset now, string? digest, TimeSpan quietPeriod)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Phase switch
        {
            BatchPhase.Resting or BatchPhase.Held when digest is null => new BatchDecision(state with { Phase = BatchPhase.Resting, IsEmpty = true }),
            BatchPhase.Resting when digest != state.LastDigest || state.IsEmpty => Dropped(state, now, quietPeriod),

            // Its wake-up is overdue: it was lost.
            BatchPhase.Quiet when state.QuietUntil is { } until && now > until + quietPeriod => Quieten(state with { WakeArmed = false, WakeAt = null }, now),
            _ => new BatchDecision(state),
        };
    }

    /// <summary>From the end of a run to the next one that nobody has to ask for.</summary>
    private static TimeSpan PauseAfter(int brokenRuns, TimeSpan quietPeriod) => brokenRuns == 0
        ? quietPeriod
        : new Backoff(quietPeriod > ShortestPause ? quietPeriod : ShortestPause, LongestPause).After(brokenRuns);

    private static BatchDecision Quieten(BatchState state, DateTimeOffset until)
    {
        var comesInTime = state.WakeArmed && (state.WakeAt is not { } at || at <= until);
        var quiet = state with { Phase = BatchPhase.Quiet, QuietUntil = until, WakeArmed = true, WakeAt = comesInTime ? state.WakeAt : until };
        return new BatchDecision(quiet, comesInTime ? null : until);
    }

    private static BatchDecision Start(BatchState state, DateTimeOffset now)
    {
        var running = state with
        {
            Phase = BatchPhase.Running,
            RunSeq = state.RunSeq + 1,
            QuietUntil = null,
            QuietSince = null,
            IsEmpty = false,
            StartedAt = now,
            Dirty = false,
            StartAgain = false,
        };
        return new BatchDecision(running, Start: new RunReference(running.Batch, running.RunSeq, running.Scope));
    }
}

/// <summary>What an event leads to: the new state, and what the host has to do once it is stored.</summary>
/// <param name="State">To store.</param>
/// <param name="WakeAt">When to say <see cref="BatchMachine.Woke"/>; null for no new wake-up.</param>
/// <param name="Start">The run to start; null for none.</param>
public sealed record BatchDecision(BatchState State, DateTimeOffset? WakeAt = null, RunReference? Start = null);
