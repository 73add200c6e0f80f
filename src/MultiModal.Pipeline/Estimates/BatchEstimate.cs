using System.Text.Json.Serialization;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;

namespace MultiModal.Pipeline.Estimates;

/// <summary>The cost of a run of a batch at this moment.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Items">Items in inventory order; only the first of those with equal content.</param>
/// <param name="Synthesis">Price of the whole tree; its least is 0, because the answers may be in the cache already.</param>
/// <param name="Total">Price of everything that has a price.</param>
/// <param name="Unpriced">Engines that would be asked and have no price: the true total is higher.</param>
public sealed record BatchEstimate(
    BatchName Batch, IReadOnlyList<ItemEstimate> Items, PriceRange Synthesis, PriceRange Total, IReadOnlyList<string> Unpriced)
{
    /// <summary>
    /// Price of the picture for which the batch asks, null if it asks for none; its least is 0, because the picture may be in the cache already.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PriceRange? Illustration { get; init; }
}

/// <summary>The estimated cost of an item.</summary>
/// <param name="Name">Name within the batch.</param>
/// <param name="Kind">Kind by content.</param>
/// <param name="Engine">Engine that would be asked; null for none.</param>
/// <param name="Calls">Number of calls to be paid.</param>
/// <param name="Known">Number of calls that need no payment because their answers are in the cache.</param>
/// <param name="Price">Price of the calls.</param>
/// <param name="Code">Code of the failure that prevents a call; null if there is none.</param>
public sealed record ItemEstimate(string Name, ItemKind Kind, string? Engine, int Calls, int Known, PriceRange Price, string? Code);

/// <summary>A range of cost in USD: the output is known only after the call. Retries come on top.</summary>
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
