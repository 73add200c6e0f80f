using System.Text.Json;

namespace MultiModal.Decoder.ImageSharp;

/// <summary>
/// What a file says about its image, read by our own code. ImageSharp sees a file only after this code has found the signature of an
/// allowed format and the end of the image, because for some formats its decoders fill in missing data without reporting it.
/// </summary>
/// <param name="Width">Width as stored, before orientation is applied, in pixels.</param>
/// <param name="Height">Height as stored, before orientation is applied, in pixels.</param>
/// <param name="Frames">Number of frames of an animation; 1 for a still image.</param>
public sealed record ImageOutline(int Width, int Height, int Frames)
{
    /// <summary>Writes the outline to standard output.</summary>
    internal static DecoderExit Run(string mediaType, string path)
    {
        using var file = File.OpenRead(path);
        if (Read(file, mediaType) is not { } outline) return DecoderExit.Damaged;
        using var output = Console.OpenStandardOutput();
        JsonSerializer.Serialize(output, outline, DecoderJson.Default.ImageOutline);
        return DecoderExit.Done;
    }

    /// <returns>The outline; null if the file is not of this format, is cut short, or has implausible values.</returns>
    internal static ImageOutline? Read(Stream file, string mediaType)
    {
        try
        {
            file.Position = 0;
            var outline = mediaType switch
            {
                "image/jpeg" => JpegFile.Outline(file),
                "image/png" => PngFile.Outline(file),
                "image/gif" => GifFile.Outline(file),
                "image/webp" => WebpFile.Outline(file),
                "image/bmp" => BmpFile.Outline(file),
                _ => null,
            };
            return outline is { Width: > 0, Height: > 0, Frames: > 0 } ? outline : null;
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }
}
