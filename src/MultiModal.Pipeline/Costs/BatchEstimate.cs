using MultiModal.Pipeline.Batches;

namespace MultiModal.Pipeline.Costs;

/// <summary>What a run of a batch would cost now.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Items">In inventory order; of equal content, the first.</param>
/// <param name="Synthesis">Of the whole tree; from 0, because it may be known already.</param>
/// <param name="Total">Of everything that has a price.</param>
/// <param name="Unpriced">Engines that would be asked and have no price: the total is less than the truth.</param>
public sealed record BatchEstimate(BatchName Batch, IReadOnlyList<ItemEstimate> Items, PriceRange Synthesis, PriceRange Total, IReadOnlyList<string> Unpriced);
