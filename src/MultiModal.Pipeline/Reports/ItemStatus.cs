namespace MultiModal.Pipeline.Reports;

/// <summary>How an item ended, as its report says.</summary>
public enum ItemStatus
{
    Succeeded,
    Failed,

    /// <summary>Left out on purpose: the engine it needs is off, or the budget does not reach.</summary>
    Skipped,

    /// <summary>Of a kind that the product does not read.</summary>
    Unsupported,

    /// <summary>The run was cancelled before the item was done.</summary>
    Cancelled,
}
