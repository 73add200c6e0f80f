using System.Text.Json;

namespace MultiModal.Decoder.ImageSharp;

/// <summary>
/// What a file says of its image, read by our own code. ImageSharp sees a file only after this has found the signature of a
/// format that it may decode, and the end of the image: its decoders fill up what is missing of some formats and do not say so.
/// </summary>
/// <param name="Width">As it is stored, before orientation, pixels.</param>
/// <param name="Height">As it is stored, before orientation, pixels.</param>
/// <param name="Frames">Frames of an animation; 1 for a still image.</param>
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

    /// <returns>Null where the file is not of this format, is cut short, or says nothing that makes sense.</returns>
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
