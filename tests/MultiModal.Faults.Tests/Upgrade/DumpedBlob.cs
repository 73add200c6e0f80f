using System.Text;

namespace MultiModal.Faults.Tests.Upgrade;

/// <summary>A blob as it was when the dump was taken.</summary>
/// <param name="Container">The container it was in.</param>
/// <param name="Name">Its name within the container.</param>
/// <param name="ETag">Its ETag at that time.</param>
/// <param name="ContentType">Its media type.</param>
/// <param name="Metadata">Values by name.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record DumpedBlob(
    string Container, string Name, string ETag, string ContentType, IReadOnlyDictionary<string, string> Metadata, byte[] Content)
{
    /// <summary>The content read as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Content);

    /// <param name="renew">Replaces the references to other blobs in a text: in the name, in the metadata, and in content that is JSON.</param>
    public DumpedBlob Renew(Func<string, string> renew) => this with
    {
        Name = renew(Name),
        Metadata = Metadata.ToDictionary(m => m.Key, m => renew(m.Value)),
        Content = ContentType == DumpedAnswer.Json ? Encoding.UTF8.GetBytes(renew(Text)) : Content,
    };
}
