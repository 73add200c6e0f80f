using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace MultiModal.Pipeline.Batches;

/// <summary>
/// The name of a batch: the leading folder (or folders, see <see cref="FromBlob"/>) of the blobs that belong to it, or the
/// whole name of a blob at the root of the inbox. It has 1 to 1,024 characters, as Azure allows for a blob name, no empty, "."
/// or ".." segment, no control character and no backslash, because such a name cannot be addressed by every client.
/// </summary>
[JsonConverter(typeof(Converter))]
public readonly partial record struct BatchName
{
    public const int MaxLength = BlobPath.MaxLength;

    private const int LongestInPaths = 512;
    private const int SlugLength = 24;

    private readonly string? value;

    private BatchName(string value) => this.value = value;

    public string Value => value ?? throw new InvalidOperationException("A batch name was never assigned.");

    /// <summary>
    /// A short name for this batch wherever the raw one does not fit (state blobs, entity keys, orchestration ids):
    /// up to 24 characters of slug, a hyphen, and 128 bits of the SHA-256 of the name; only a-z, 0-9 and hyphens.
    /// </summary>
    public string Key => $"{Slug}-{Hash}".TrimStart('-');

    /// <summary>
    /// The folder of this batch's reports in the results container, which no other batch has: the name itself, if it can be the beginning of a path.
    /// A name of more than 512 characters cannot, because report paths under it would exceed Azure's limit, and neither can one that would lead into
    /// the folder of another batch's runs. Their folder is the slug and the hash of <see cref="Key"/> with a tilde between them, as is that of a
    /// name which looks so itself.
    /// </summary>
    public string ResultsFolder => CanBeginPaths ? Value : $"{Slug}~{Hash}";

    /// <summary>The folder that version 1.0 took for this batch where it was another one; null where it was the same.</summary>
    /// <remarks>It may have been shared with another batch.</remarks>
    public string? EarlierResultsFolder => CanBeginPaths ? null : Value.Length <= LongestInPaths ? Value : Key;

    private bool CanBeginPaths => Value.Length <= LongestInPaths && !HashedFolder().IsMatch(Value) && !FolderOfARun().IsMatch(Value);

    private string Slug
    {
        get
        {
            var slug = new StringBuilder(SlugLength);
            foreach (var c in Value.ToLowerInvariant())
            {
                if (slug.Length == SlugLength) break;
                if (char.IsAsciiLetterOrDigit(c)) slug.Append(c);
                else if (slug.Length > 0 && slug[^1] != '-') slug.Append('-');
            }

            return slug.ToString().Trim('-');
        }
    }

    private string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Value)).AsSpan(0, 16));

    /// <summary>
    /// The batch that a blob of the inbox belongs to: its first <paramref name="depth"/> folders, fewer if it has fewer;
    /// a blob at the root is a batch of one. Blob <c>x</c> and folder <c>x/</c> are the same batch.
    /// </summary>
    /// <param name="blobName">Name of the blob within the inbox.</param>
    /// <param name="depth"><c>Pipeline:BatchDepth</c>, 1 or more.</param>
    /// <param name="batch">Batch, if the method returns true.</param>
    /// <returns>False for a name that no batch can have (an empty segment, "..", a control character).</returns>
    public static bool FromBlob(string blobName, int depth, out BatchName batch)
    {
        ArgumentNullException.ThrowIfNull(blobName);
        ArgumentOutOfRangeException.ThrowIfLessThan(depth, 1);
        var segments = blobName.Split('/');
        var folders = Math.Max(1, Math.Min(depth, segments.Length - 1));
        return TryParse(string.Join('/', segments.Take(folders)), out batch);
    }

    /// <summary>Whether a batch of this name can exist where <paramref name="depth"/> folders name one.</summary>
    public bool IsWithin(int depth) => Value.AsSpan().Count('/') < depth;

    public static bool TryParse([NotNullWhen(true)] string? text, out BatchName batch)
    {
        batch = default;
        if (text is null || !BlobPath.IsAddressable(text)) return false;
        batch = new BatchName(text);
        return true;
    }

    /// <exception cref="FormatException">The text is not a batch name.</exception>
    public static BatchName Parse(string text) => TryParse(text, out var batch)
        ? batch
        : throw new FormatException(
            "A batch name has 1 to 1,024 characters, no empty, '.' or '..' segment, no leading or trailing space in a segment, no control "
                + "character and no backslash.");

    public override string ToString() => value ?? "";

    [GeneratedRegex(@"^[a-z0-9-]*~[0-9a-f]{32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex HashedFolder();

    [GeneratedRegex(@"/runs/[0-9]+(/|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex FolderOfARun();

    internal sealed class Converter : JsonConverter<BatchName>
    {
        public override BatchName Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TryParse(reader.GetString(), out var batch) ? batch : throw new JsonException("Not a batch name.");

        public override void Write(Utf8JsonWriter writer, BatchName value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
    }
}
