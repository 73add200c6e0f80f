namespace MultiModal.Pipeline.Runs;

/// <summary>How a step ended, as the workflow needs to know it. What it made lies in the step's record.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Code">Of the failure, null for success.</param>
/// <param name="Parts">How many parts the next step has to do (chunks of a recording, pages of a scan).</param>
public sealed record StepResult(StepStatus Status, string? Code = null, int Parts = 1)
{
    public bool Succeeded => Status == StepStatus.Succeeded;
}

/// <summary>How a step ended.</summary>
public enum StepStatus
{
    Succeeded,
    Failed,
    Skipped,
    Cancelled,
}
