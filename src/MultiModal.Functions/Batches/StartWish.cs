using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Functions.Batches;

/// <summary>Somebody wants a run now.</summary>
public sealed record StartWish(BatchName Batch, RunScope Scope);
