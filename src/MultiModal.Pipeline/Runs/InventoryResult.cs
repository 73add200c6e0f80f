using System.Text.Json.Serialization;

namespace MultiModal.Pipeline.Runs;

/// <summary>The outcome of taking an inventory. The inventory itself is stored in blobs.</summary>
/// <param name="Count">Number of items without ignored files.</param>
/// <param name="Failure">Failure if the batch as a whole cannot run (a bad <c>batch.json</c>).</param>
/// <param name="Illustrated">Whether the batch asks for a picture for its report.</param>
/// <param name="NearDuplicates">Whether the run looks for pictures that are the same.</param>
public sealed record InventoryResult(
    int Count,
    Failure? Failure = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Illustrated = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool NearDuplicates = false);
