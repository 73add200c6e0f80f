namespace MultiModal.Pipeline.Inventory;

/// <summary>What a file is, as its first bytes tell.</summary>
/// <param name="Kind"><see cref="ItemKind.Unsupported"/> exactly where <paramref name="Unsupported"/> is given.</param>
/// <param name="MediaType">As <c>image/heic</c> or <c>application/pdf</c>; null where it is not known.</param>
/// <param name="Unsupported">Why no step can take it: <c>empty-file</c>, <c>unsupported-svg</c> or <c>unknown-format</c>.</param>
public sealed record SniffedContent(ItemKind Kind, string? MediaType, Failure? Unsupported = null);
