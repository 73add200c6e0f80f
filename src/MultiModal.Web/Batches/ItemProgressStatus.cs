namespace MultiModal.Web.Batches;

/// <summary>Where an item of the run under way stands.</summary>
public enum ItemProgressStatus
{
    Waiting,
    Running,
    Succeeded,
    Failed,

    /// <summary>Its engine is off.</summary>
    Skipped,

    /// <summary>Its content is of no kind that is looked at.</summary>
    Unsupported,

    Cancelled,

    /// <summary>Equal to an item before it, which stands for it.</summary>
    Duplicate,
}
