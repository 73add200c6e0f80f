using System.Text.Json.Serialization;
using MultiModal.Pipeline.Content;

namespace MultiModal.Pipeline.Images;

/// <summary>The record of <c>optimize-image</c>; the image itself is in the cache.</summary>
/// <param name="CacheName">Name of the blob in the cache container.</param>
/// <param name="Hash">Hash of the optimised bytes, which is the key by which <c>analyze-image</c> is cached.</param>
/// <param name="MediaType">Media type of the optimised bytes.</param>
/// <param name="Bytes">Size of the optimised image, in bytes.</param>
/// <param name="SentWidth">Width of the optimised image, in pixels.</param>
/// <param name="SentHeight">Height of the optimised image, in pixels.</param>
/// <param name="Width">Width of the original as seen (orientation applied), in pixels.</param>
/// <param name="Height">Height of the original as seen, in pixels.</param>
/// <param name="Note">Note for the reader (first page of 12), or null.</param>
/// <param name="Detail">Detail to send it with: <c>auto</c>, <c>low</c> or <c>high</c>.</param>
/// <param name="TextHeight">
/// Height of an x in the smallest text that matters, in pixels of the original; 0 where there is no text that might be too small; null where it was
/// not measured.
/// </param>
/// <param name="Shortfall">Why text that is in the image cannot be read, for the reader of the report; null where it can.</param>
/// <param name="Tiles">
/// The tiles in which it is sent, in reading order; null where it is sent whole. Sizes are those of the whole image in the scale of the tiles then, and
/// bytes the sum of theirs, and everything else is that of the first tile.
/// </param>
/// <param name="Pages">Number of pages of a TIFF; null for other formats, and for what a version made that looked at the first page alone.</param>
/// <param name="Incomplete">What is missing at the end of the original, for the reader of the report; null if nothing is.</param>
/// <param name="Sketch">
/// Its <see cref="PictureSketch"/>, in base64, in a run that looks for pictures that are the same (<c>Images:NearDuplicates</c>); null in all others,
/// and for what is not compared.
/// </param>
public sealed record OptimizedImageRecord(
    string CacheName,
    ContentHash Hash,
    string MediaType,
    long Bytes,
    int SentWidth,
    int SentHeight,
    int Width,
    int Height,
    string? Note,
    string Detail = ImageDetail.Auto,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? TextHeight = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Shortfall = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ImageTile>? Tiles = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Pages = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Incomplete = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Sketch = null)
{
    /// <summary>
    /// Name of the image's file beside its entry. It changes with the bytes that are made: during an upgrade, an older build and this one can work
    /// on the same image at the same time, and each entry must be that of its own file.
    /// </summary>
    public const string File = "image-2";

    /// <summary>Number of pictures in which it is sent.</summary>
    [JsonIgnore]
    public int Pictures => Tiles?.Count ?? 1;

    /// <summary>
    /// Name of the blob with the whole image as it was shrunk before it was found to be better sent in tiles; null for an image that is sent whole.
    /// Its file lies beside the folder of the tiles, <c>{entry}/tiles-…/tile-0</c>.
    /// </summary>
    [JsonIgnore]
    public string? Whole => Tiles is null ? null : $"{string.Join('/', CacheName.Split('/')[..^2])}/{File}";

    /// <summary>The record of one of its tiles; of an image that is sent whole, this one.</summary>
    /// <param name="tile">Index of the tile, from 0.</param>
    public OptimizedImageRecord OfTile(int tile) => Tiles?[tile] is not { } part
        ? this
        : this with
        {
            CacheName = part.CacheName, Hash = part.Hash, MediaType = part.MediaType, Bytes = part.Bytes, SentWidth = part.SentWidth,
            SentHeight = part.SentHeight, Detail = part.Detail, Tiles = null,
        };
}

/// <summary>A tile of an optimised image. Places are in pixels of the original.</summary>
/// <param name="CacheName">Name of the blob in the cache container.</param>
/// <param name="Hash">Hash of its bytes.</param>
/// <param name="MediaType">Media type of its bytes.</param>
/// <param name="Bytes">Size in bytes.</param>
/// <param name="SentWidth">Width as it is sent, in pixels.</param>
/// <param name="SentHeight">Height as it is sent, in pixels.</param>
/// <param name="Detail">Detail to send it with.</param>
/// <param name="Left">First column.</param>
/// <param name="Top">First row.</param>
/// <param name="Width">Number of columns.</param>
/// <param name="Height">Number of rows.</param>
public sealed record ImageTile(
    string CacheName, ContentHash Hash, string MediaType, long Bytes, int SentWidth, int SentHeight, string Detail, int Left, int Top, int Width,
    int Height)
{
    /// <summary>Whether it shows rows at its top that the tile before it shows at its bottom.</summary>
    public bool Overlaps(ImageTile before)
    {
        ArgumentNullException.ThrowIfNull(before);
        return before.Left == Left && before.Top < Top && before.Top + before.Height > Top;
    }
}
