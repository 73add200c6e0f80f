using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;

namespace MultiModal.Pipeline.Estimates;

/// <summary>What a run of a batch would cost now.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Items">In inventory order; of equal content, the first.</param>
/// <param name="Synthesis">Of the whole tree; from 0, because it may be known already.</param>
/// <param name="Total">Of everything that has a price.</param>
/// <param name="Unpriced">Engines that would be asked and have no price: the total is less than the truth.</param>
public sealed record BatchEstimate(BatchName Batch, IReadOnlyList<ItemEstimate> Items, PriceRange Synthesis, PriceRange Total, IReadOnlyList<string> Unpriced);

/// <summary>What an item would cost.</summary>
/// <param name="Name">Within the batch.</param>
/// <param name="Kind">By content.</param>
/// <param name="Engine">Who would be asked; null where nobody would.</param>
/// <param name="Calls">Calls to be paid.</param>
/// <param name="Known">Calls that would be, if their answers were not in the cache.</param>
/// <param name="Price">Of the calls.</param>
/// <param name="Code">Why no call would be made: the failure's code, or null.</param>
public sealed record ItemEstimate(string Name, ItemKind Kind, string? Engine, int Calls, int Known, PriceRange Price, string? Code);

/// <summary>What something may cost, in USD: output is known only when it is there. Retries come on top.</summary>
public sealed record PriceRange(decimal LeastUsd, decimal ExpectedUsd, decimal MostUsd)
{
    public static PriceRange Nothing { get; } = new(0, 0, 0);

    public static PriceRange operator +(PriceRange left, PriceRange right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return new(left.LeastUsd + right.LeastUsd, left.ExpectedUsd + right.ExpectedUsd, left.MostUsd + right.MostUsd);
    }

    public static PriceRange Add(PriceRange left, PriceRange right) => left + right;
}
