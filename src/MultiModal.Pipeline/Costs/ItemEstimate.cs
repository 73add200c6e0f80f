using MultiModal.Pipeline.Inventory;

namespace MultiModal.Pipeline.Costs;

/// <summary>What an item would cost.</summary>
/// <param name="Name">Within the batch.</param>
/// <param name="Kind">By content.</param>
/// <param name="Engine">Who would be asked; null where nobody would.</param>
/// <param name="Calls">Calls to be paid.</param>
/// <param name="Known">Calls that would be, if their answers were not in the cache.</param>
/// <param name="Price">Of the calls.</param>
/// <param name="Code">Why no call would be made: the failure's code, or null.</param>
public sealed record ItemEstimate(string Name, ItemKind Kind, string? Engine, int Calls, int Known, PriceRange Price, string? Code);
