using Microsoft.DurableTask.Entities;
using MultiModal.Pipeline.Batches;

namespace MultiModal.Functions.Batches;

/// <summary>Names by which the parts of this host call a batch's entity and its runs.</summary>
internal static class BatchSignals
{
    /// <summary>Name of the orchestration that runs a batch.</summary>
    public const string RunOrchestration = "RunBatch";

    /// <summary>
    /// Returns the id of a batch's entity. It holds a key and never the raw name, because entity ids do not allow every character of a
    /// batch's name.
    /// </summary>
    public static EntityInstanceId EntityOf(BatchName batch) => new(nameof(BatchEntity), batch.Key);

    /// <summary>Returns the id of a run's orchestration, which is the same for every request.</summary>
    public static string InstanceOf(BatchName batch, int runSeq) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{batch.Key}-{runSeq}");
}

/// <summary>A request for a run now.</summary>
public sealed record StartWish(BatchName Batch, RunScope Scope);

/// <summary>The end of a run.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="RunSeq">Number of the run.</param>
/// <param name="Result">The result; null if the run ended without a report or can't be found.</param>
public sealed record RunEnd(BatchName Batch, int RunSeq, RunResult? Result);

/// <summary>The result of a sweep for a batch.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Digest">Digest of the batch's files in the inbox; null if there are none.</param>
public sealed record SweptBatch(BatchName Batch, string? Digest);
