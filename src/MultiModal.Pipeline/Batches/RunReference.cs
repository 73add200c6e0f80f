namespace MultiModal.Pipeline.Batches;

/// <summary>One run of a batch: small enough to travel in every message of an orchestration.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="RunSeq">1, 2, 3… as numbered by the batch's state machine.</param>
/// <param name="Scope">Whether items that the last run settled are looked at again.</param>
public sealed record RunReference(BatchName Batch, int RunSeq, RunScope Scope = RunScope.All) : IStepInput
{
    RunReference IStepInput.Run => this;
}

/// <summary>What a step is called with: it says which run the step belongs to.</summary>
public interface IStepInput
{
    /// <summary>The run.</summary>
    RunReference Run { get; }

    /// <summary>Position of the item in the inventory, from 0; null for a step that is about no single item.</summary>
    int? Index => null;
}

/// <summary>What a run looks at.</summary>
public enum RunScope
{
    /// <summary>Every item; what is cached costs nothing.</summary>
    All,

    /// <summary>Items that succeeded in the last run with the same content are carried over as they are.</summary>
    Failed,
}
