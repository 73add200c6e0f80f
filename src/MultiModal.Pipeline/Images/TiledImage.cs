using NetVips;

namespace MultiModal.Pipeline.Images;

/// <summary>An image as it is sent in tiles.</summary>
/// <param name="Width">Width of the original after orientation, in pixels.</param>
/// <param name="Height">Height of the original after orientation, in pixels.</param>
/// <param name="Plan">The plan; null if the image is better sent whole.</param>
/// <param name="Tiles">The tiles of the plan, in its order.</param>
/// <param name="Note">Note for the reader of the report, or null.</param>
public sealed record TiledImage(int Width, int Height, TilePlan? Plan, IReadOnlyList<EncodedTile> Tiles, string? Note = null)
{
    /// <summary>Cuts an image that has the size of the plan.</summary>
    internal static List<EncodedTile> Cut(Image scaled, TilePlan plan, bool isLossless, int jpegQuality)
    {
        var pixels = ShrunkPixels.Read(scaled);
        var tiles = new List<EncodedTile>(plan.Tiles.Count);
        foreach (var tile in plan.Tiles)
        {
            var (width, height) = tile.Sent(plan.Scale);
            (width, height) = (Math.Min(width, pixels.Width), Math.Min(height, pixels.Height));
            var left = Math.Min((int)Math.Round(tile.Left * plan.Scale), pixels.Width - width);
            var top = Math.Min((int)Math.Round(tile.Top * plan.Scale), pixels.Height - height);
            var part = pixels.Part(left, top, width, height);
            using var image = part.ToImage();
            var (bytes, mediaType) = SentFormat.Encode(image, part, isLossless, jpegQuality);
            tiles.Add(new EncodedTile(bytes, mediaType, width, height));
        }

        return tiles;
    }
}

/// <summary>A tile as it is sent.</summary>
/// <param name="Bytes">Encoded picture.</param>
/// <param name="MediaType"><c>image/jpeg</c> or <c>image/png</c>.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
public sealed record EncodedTile(ReadOnlyMemory<byte> Bytes, string MediaType, int Width, int Height);
