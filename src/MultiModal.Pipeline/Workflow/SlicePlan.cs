using MultiModal.Pipeline.Inventory;

namespace MultiModal.Pipeline.Workflow;

/// <summary>What each item of a slice is, in inventory order; null for one that needs no step (a duplicate, an unsupported file).</summary>
public sealed record SlicePlan(IReadOnlyList<ItemKind?> Kinds);
