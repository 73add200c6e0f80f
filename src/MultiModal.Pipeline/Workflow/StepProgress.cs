namespace MultiModal.Pipeline.Workflow;

/// <summary>One step done of a run under way.</summary>
/// <param name="Index">Of the item in the inventory.</param>
/// <param name="Part">Which part of the item.</param>
/// <param name="Step">One of <see cref="StepNames"/>.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Code">Of the failure, null for success.</param>
/// <param name="Parts">How many parts the next step has to do.</param>
public sealed record StepProgress(int Index, int Part, string Step, StepStatus Status, string? Code, int Parts);
