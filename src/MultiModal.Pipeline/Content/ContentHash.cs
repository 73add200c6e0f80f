using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MultiModal.Pipeline.Content;

/// <summary>The SHA-256 of some bytes, as 64 lowercase hexadecimal digits.</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct ContentHash
{
    private readonly string? value;

    private ContentHash(string value) => this.value = value;

    public string Value => value ?? throw new InvalidOperationException("A content hash was never assigned.");

    public static ContentHash Compute(ReadOnlySpan<byte> bytes) => FromDigest(SHA256.HashData(bytes));

    /// <param name="digest">The 32 bytes of a finished SHA-256.</param>
    public static ContentHash FromDigest(ReadOnlySpan<byte> digest)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(digest.Length, SHA256.HashSizeInBytes);
        return new ContentHash(Convert.ToHexStringLower(digest));
    }

    /// <summary>Hashes the stream to its end in constant memory.</summary>
    public static async Task<ContentHash> ComputeAsync(Stream content, CancellationToken cancellationToken) =>
        FromDigest(await SHA256.HashDataAsync(content, cancellationToken));

    /// <exception cref="FormatException">The text is not 64 lowercase hexadecimal digits.</exception>
    public static ContentHash Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length == 64 && text.All(char.IsAsciiHexDigitLower)
            ? new ContentHash(text)
            : throw new FormatException("A content hash is 64 lowercase hexadecimal digits.");
    }

    public override string ToString() => value ?? "";

    internal sealed class Converter : JsonConverter<ContentHash>
    {
        public override ContentHash Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            try
            {
                return Parse(reader.GetString() ?? "");
            }
            catch (FormatException e)
            {
                throw new JsonException(e.Message, e);
            }
        }

        public override void Write(Utf8JsonWriter writer, ContentHash value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
    }
}
