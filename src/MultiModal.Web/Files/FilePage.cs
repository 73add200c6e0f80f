using System.Text.Json.Serialization;

namespace MultiModal.Web.Files;

/// <summary>A page of the files of a batch, in ordinal order of their paths.</summary>
/// <param name="Files">The files of the page, at most as many as requested.</param>
/// <param name="Continuation">What to ask the next page with; null on the last one.</param>
public sealed record FilePage(IReadOnlyList<FileEntry> Files, string? Continuation);

/// <summary>A file as it is listed.</summary>
/// <param name="Path">Path within the batch.</param>
/// <param name="Size">Size in bytes.</param>
/// <param name="ContentType">Media type that the ending of the name suggests. The content decides when the file is read.</param>
/// <param name="LastModified">When it was written.</param>
/// <param name="ETag">ETag of the blob, by which reports identify the file.</param>
public sealed record FileEntry(
    string Path, long Size, string ContentType, DateTimeOffset? LastModified, [property: JsonPropertyName("etag")] string ETag);
