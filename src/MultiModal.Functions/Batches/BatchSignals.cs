using Microsoft.DurableTask.Entities;
using MultiModal.Pipeline.Batches;

namespace MultiModal.Functions.Batches;

/// <summary>How the parts of this host call a batch's entity, and its runs, by name.</summary>
internal static class BatchSignals
{
    /// <summary>Name of the orchestration that runs a batch.</summary>
    public const string RunOrchestration = "RunBatch";

    /// <summary>A key, never the raw name: entity ids may not hold every character that a batch's name may.</summary>
    public static EntityInstanceId EntityOf(BatchName batch) => new(nameof(BatchEntity), batch.Key);

    /// <summary>The orchestration of a run: the same one however often it is asked for.</summary>
    public static string InstanceOf(BatchName batch, int runSeq) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{batch.Key}-{runSeq}");
}

/// <summary>Somebody wants a run now.</summary>
public sealed record StartWish(BatchName Batch, RunScope Scope);

/// <summary>A run ended.</summary>
/// <param name="Batch">Of which batch.</param>
/// <param name="RunSeq">Which run.</param>
/// <param name="Result">Null for one that ended without a report, or that is nowhere to be found.</param>
public sealed record RunEnd(BatchName Batch, int RunSeq, RunResult? Result);

/// <summary>What a sweep found.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Digest">Of its files in the inbox; null where there are none.</param>
public sealed record SweptBatch(BatchName Batch, string? Digest);
