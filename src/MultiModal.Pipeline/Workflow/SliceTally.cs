namespace MultiModal.Pipeline.Workflow;

/// <summary>How many items of a slice went through all their steps, and how many did not.</summary>
public sealed record SliceTally(int Completed, int NotCompleted);
