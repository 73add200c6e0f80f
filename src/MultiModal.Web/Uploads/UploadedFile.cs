using System.Text.Json.Serialization;
using MultiModal.Pipeline.Batches;

namespace MultiModal.Web.Uploads;

/// <summary>A file that has been stored in its batch.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Name">Name within the batch.</param>
/// <param name="Bytes">Size of the file, in bytes.</param>
/// <param name="ETag">ETag of the blob, by which reports identify the file.</param>
public sealed record UploadedFile(BatchName Batch, string Name, long Bytes, [property: JsonPropertyName("etag")] string ETag);
