namespace MultiModal.Pipeline.Workflow;

/// <summary>How a step ended.</summary>
public enum StepStatus
{
    Succeeded,
    Failed,
    Skipped,
    Cancelled,
}
