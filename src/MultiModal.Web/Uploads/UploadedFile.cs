using System.Text.Json.Serialization;
using MultiModal.Pipeline.Batches;

namespace MultiModal.Web.Uploads;

/// <summary>A file that lies in its batch now.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Name">Within the batch.</param>
/// <param name="Bytes">Size.</param>
/// <param name="ETag">Of the blob: what reports call it by.</param>
public sealed record UploadedFile(BatchName Batch, string Name, long Bytes, [property: JsonPropertyName("etag")] string ETag);
