using MultiModal.Pipeline.Inventory;

namespace MultiModal.Pipeline.Workflow;

/// <summary>An item and what its steps left, in no particular order.</summary>
public sealed record ItemRecords(InventoryItem Item, IReadOnlyList<StepRecord> Records);
