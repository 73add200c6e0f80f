namespace MultiModal.Pipeline.Workflow;

/// <summary>One step done of a run under way.</summary>
public sealed record StepProgress(int Index, int Part, string Step, StepStatus Status, string? Code);
