using MultiModal.Pipeline.Content;

namespace MultiModal.Pipeline.Inventory;

/// <summary>One file of a batch, as a run found it.</summary>
public sealed record InventoryItem
{
    /// <summary>Position in the inventory, from 0; blobs are in ordinal order of their names.</summary>
    public required int Index { get; init; }

    /// <summary>Name within the batch: the blob's name without the batch's folder, or the whole blob name for a batch of one.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the blob within the inbox.</summary>
    public required string BlobName { get; init; }

    public required string ETag { get; init; }

    public required long Bytes { get; init; }

    public required ItemKind Kind { get; init; }

    /// <summary>Media type by content (<c>image/heic</c>); null where unknown.</summary>
    public string? MediaType { get; init; }

    /// <summary>Hash of the content; null for a file that could not be read.</summary>
    public ContentHash? Hash { get; init; }

    /// <summary>Index of the first item with equal content, which represents this one; null for that item itself.</summary>
    public int? DuplicateOf { get; init; }

    /// <summary>The failure for which no step is done for this item: unsupported, empty, changed while it was read.</summary>
    public Failure? Failure { get; init; }

    /// <summary>The run whose outcome of this item is carried over, in a run over failed items only.</summary>
    public int? CarriedFrom { get; init; }

    /// <summary>Position of the item in that run's inventory.</summary>
    public int? CarriedIndex { get; init; }
}
