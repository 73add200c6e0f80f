namespace MultiModal.Pipeline.Runs;

/// <summary>That an inventory was taken, or why not. The inventory itself lies in blobs.</summary>
/// <param name="Count">Items, ignored files not counted.</param>
/// <param name="Failure">Set where the batch as a whole cannot run (a bad <c>batch.json</c>).</param>
public sealed record InventoryResult(int Count, Failure? Failure = null);
