namespace MultiModal.Pipeline.Batches;

/// <summary>Why a batch is held, and what to do about it.</summary>
/// <param name="Code"><see cref="FailureCodes.BatchHeld"/> or <see cref="FailureCodes.UploadIncomplete"/>.</param>
/// <param name="Message">One or two sentences for the person who looks at the batch.</param>
public sealed record BatchHold(string Code, string Message)
{
    private const string Start = "Start it over HTTP (POST /api/batches/{batch}/start) or in the dashboard.";

    /// <returns>Null unless the batch is held and has files or waits for its first ones.</returns>
    public static BatchHold? Of(BatchPhase phase, HoldReason? reason, bool isEmpty) => (phase, reason) switch
    {
        _ when isEmpty => null,
        (BatchPhase.Held, HoldReason.Upload) => new BatchHold(
            FailureCodes.UploadIncomplete,
            "An upload into this batch has not been completed: it is under way, or it was broken off. Run the same command again to complete it, or "
                + $"use the batch as it is. {Start}"),
        (BatchPhase.Held, _) => new BatchHold(
            FailureCodes.BatchHeld, $"Its batch.json says \"start\": \"manual\", or it has no other file yet. {Start}"),
        _ => null,
    };
}

/// <summary>What a held batch waits for.</summary>
public enum HoldReason
{
    /// <summary>A user must start it, because its options say so or because there is nothing but options yet.</summary>
    Start,

    /// <summary>An upload that announced itself must be completed (see <see cref="UploadMarks"/>).</summary>
    Upload,
}
