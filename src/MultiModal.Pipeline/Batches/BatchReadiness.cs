namespace MultiModal.Pipeline.Batches;

/// <summary>Whether a batch is ready to run once its quiet window is over.</summary>
public enum BatchReadiness
{
    /// <summary>The inbox holds nothing of the batch.</summary>
    Empty,

    /// <summary>The inbox holds nothing of the batch but its <c>batch.json</c>: its files are still to come, or were deleted.</summary>
    OnlyOptions,

    /// <summary>The batch runs.</summary>
    Ready,

    /// <summary>The batch waits for a user, as <see cref="HoldReason.Start"/> says.</summary>
    AwaitsStart,

    /// <summary>The batch waits for the end of an upload, as <see cref="HoldReason.Upload"/> says.</summary>
    AwaitsUpload,
}
