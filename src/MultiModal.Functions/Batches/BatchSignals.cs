using Microsoft.DurableTask.Entities;
using MultiModal.Pipeline.Batches;

namespace MultiModal.Functions.Batches;

/// <summary>How the parts of this host call a batch's entity, and its runs, by name.</summary>
internal static class BatchSignals
{
    /// <summary>A key, never the raw name: entity ids may not hold every character that a batch's name may.</summary>
    public static EntityInstanceId EntityOf(BatchName batch) => new(nameof(BatchEntity), batch.Key);

    /// <summary>The orchestration of a run: the same one however often it is asked for.</summary>
    public static string InstanceOf(BatchName batch, int runSeq) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{batch.Key}-{runSeq}");
}
