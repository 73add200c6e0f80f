namespace MultiModal.Pipeline.Workflow;

/// <summary>A stretch of a run's inventory, one page of it: at most <see cref="BatchWorkflow.SliceSize"/> items.</summary>
public sealed record SliceReference(RunReference Run, int Slice);
