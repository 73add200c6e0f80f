using System.ClientModel;
using System.Net.Http.Headers;

namespace MultiModal.Pipeline.Ai.Speech;

/// <summary>A transcription request as multipart/form-data, its file streamed from disk. It serves one attempt, and owns the open file.</summary>
internal sealed class AudioForm : BinaryContent
{
    private readonly MultipartFormDataContent form = [];

    public AudioForm(string filePath, string mediaType)
    {
        // Only the extension of the file's name is sent, because the service tells the format by it. The name itself stays private.
        var file = new StreamContent(
            new FileStream(filePath, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.Asynchronous | FileOptions.SequentialScan));
        file.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        form.Add(file, "\"file\"", $"\"audio{Path.GetExtension(filePath)}\"");
        ContentType = form.Headers.ContentType!.ToString();
    }

    /// <summary>The content type with its boundary.</summary>
    public string ContentType { get; }

    public void Add(string name, string value) => form.Add(new StringContent(value), $"\"{name}\"");

    public override bool TryComputeLength(out long length)
    {
        length = form.Headers.ContentLength ?? 0;
        return form.Headers.ContentLength is not null;
    }

    public override void WriteTo(Stream stream, CancellationToken cancellationToken = default) => form.CopyTo(stream, null, cancellationToken);

    public override Task WriteToAsync(Stream stream, CancellationToken cancellationToken = default) => form.CopyToAsync(stream, cancellationToken);

    public override void Dispose() => form.Dispose();
}
