using MultiModal.Pipeline.Workflow;

namespace MultiModal.Web.Batches;

/// <summary>A step of an item that ended.</summary>
public sealed record StepEntry(string Step, int Part, StepStatus Status, string? Code);
