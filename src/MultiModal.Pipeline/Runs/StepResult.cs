using System.Text.Json.Serialization;

namespace MultiModal.Pipeline.Runs;

/// <summary>Outcome of a step, as far as the workflow needs it. The step's output is in its record.</summary>
/// <param name="Status">Status of the step.</param>
/// <param name="Code">Code of the failure; null for success.</param>
/// <param name="Parts">Number of parts that the next step must process (chunks of a recording, pages of a scan).</param>
/// <param name="Tiles">Number of tiles in which the image is sent.</param>
/// <param name="FirstAlone">
/// Whether the first part is done before the others, and one more part after them, which compares what they found: so it is with the pieces of a
/// recording whose speakers are told apart.
/// </param>
public sealed record StepResult(
    StepStatus Status,
    string? Code = null,
    int Parts = 1,
    int Tiles = 1,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool FirstAlone = false)
{
    public bool Succeeded => Status == StepStatus.Succeeded;
}

/// <summary>Status of a step that has ended.</summary>
public enum StepStatus
{
    Succeeded,
    Failed,
    Skipped,
    Cancelled,
}
