using System.Diagnostics.CodeAnalysis;

namespace MultiModal.Pipeline.Batches;

/// <summary>
/// The name of a file within a batch: a path of one or more segments that follows the rules of <see cref="BatchName"/>.
/// Together with the batch's name it is a blob name of that batch and of no other.
/// </summary>
public readonly record struct ItemName
{
    private readonly string? value;

    private ItemName(BatchName batch, string value) => (Batch, this.value) = (batch, value);

    public BatchName Batch { get; }

    public string Value => value ?? throw new InvalidOperationException("An item name was never assigned.");

    /// <summary>Name of the blob within the inbox.</summary>
    public string BlobName => $"{Batch.Value}/{Value}";

    /// <param name="batch">The batch that the file is in.</param>
    /// <param name="depth">Value of <c>Pipeline:BatchDepth</c>. Where folders name batches, a path with a folder may lead into another
    /// batch.</param>
    /// <param name="text">Path within the batch, with slashes between its segments.</param>
    /// <param name="name">Name, if the method returns true.</param>
    public static bool TryParse(BatchName batch, int depth, [NotNullWhen(true)] string? text, out ItemName name)
    {
        name = default;
        if (text is null || !BlobPath.IsAddressable(text) || batch.Value.Length + 1 + text.Length > BlobPath.MaxLength) return false;
        var parsed = new ItemName(batch, text);
        if (!BatchName.FromBlob(parsed.BlobName, depth, out var owner) || owner != batch) return false;
        name = parsed;
        return true;
    }

    public override string ToString() => value ?? "";
}
