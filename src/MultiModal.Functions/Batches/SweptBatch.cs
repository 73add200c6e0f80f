using MultiModal.Pipeline.Batches;

namespace MultiModal.Functions.Batches;

/// <summary>What a sweep found.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Digest">Of its files in the inbox; null where there are none.</param>
public sealed record SweptBatch(BatchName Batch, string? Digest);
