namespace MultiModal.Pipeline.Batches;

/// <summary>One run of a batch. It is small enough for every message of an orchestration.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="RunSeq">Number of the run: 1, 2, 3… as numbered by the batch's state machine.</param>
/// <param name="Scope">Whether items that succeeded in the last run are looked at again.</param>
/// <param name="BatchSince">Value of <see cref="BatchState.Since"/>, which says whose money the run spends; null for a run that an older build
/// started.</param>
/// <param name="IsRetry">Whether the run before it ended without a report. What such a run finds in the cache is no saving: that run has paid
/// for it, or has counted it.</param>
public sealed record RunReference(
    BatchName Batch, int RunSeq, RunScope Scope = RunScope.All, DateTimeOffset? BatchSince = null, bool IsRetry = false) : IStepInput
{
    RunReference IStepInput.Run => this;
}

/// <summary>The input of a step, which says which run the step belongs to.</summary>
public interface IStepInput
{
    /// <summary>The run.</summary>
    RunReference Run { get; }

    /// <summary>Position of the item in the inventory, from 0; null for a step that concerns no single item.</summary>
    int? Index => null;
}

/// <summary>The items that a run looks at.</summary>
public enum RunScope
{
    /// <summary>The run looks at every item; what is cached costs nothing.</summary>
    All,

    /// <summary>Items that succeeded in the last run with the same content are carried over unchanged.</summary>
    Failed,
}
