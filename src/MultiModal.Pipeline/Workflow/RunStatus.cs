namespace MultiModal.Pipeline.Workflow;

/// <summary>How a run ended, as its report says. Unsupported and ignored files alone don't make a run partial.</summary>
public enum RunStatus
{
    Succeeded,
    PartiallySucceeded,
    Failed,
    Cancelled,
}
