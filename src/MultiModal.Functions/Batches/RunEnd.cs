using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Functions.Batches;

/// <summary>A run ended.</summary>
/// <param name="Batch">Of which batch.</param>
/// <param name="RunSeq">Which run.</param>
/// <param name="Result">Null for one that ended without a report, or that is nowhere to be found.</param>
public sealed record RunEnd(BatchName Batch, int RunSeq, RunResult? Result);
