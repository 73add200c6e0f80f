using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace MultiModal.Web.Edge;

/// <summary>A small file that is part of this assembly.</summary>
internal sealed class EmbeddedFile
{
    private readonly byte[] content;
    private readonly string contentType;
    private readonly EntityTagHeaderValue etag;

    private EmbeddedFile(byte[] content, string contentType)
    {
        this.content = content;
        this.contentType = contentType;
        etag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 12))}\"");
    }

    public static EmbeddedFile Load(string name, string contentType)
    {
        using var stream = typeof(EmbeddedFile).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not in the assembly.");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return new EmbeddedFile(content, contentType);
    }

    public ReadOnlySpan<byte> Content => content;

    public IResult Answer() => TypedResults.Bytes(content, contentType, entityTag: etag);
}
