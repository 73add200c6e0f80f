using Azure;

namespace MultiModal.Pipeline.Storage;

/// <summary>A document and the version of it that was read.</summary>
public sealed record JsonBlob<T>(T Value, ETag ETag) where T : class;
