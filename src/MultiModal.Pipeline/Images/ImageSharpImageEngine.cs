using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MultiModal.Decoder;
using MultiModal.Pipeline.Decoding;

namespace MultiModal.Pipeline.Images;

/// <summary>
/// Shrinks images with ImageSharp, which is managed code throughout, in a <see cref="DecoderProcess"/>. It reads
/// JPEG, PNG, GIF, WebP and BMP, but not TIFF, AVIF and HEIC.
/// </summary>
public sealed class ImageSharpImageEngine(DecoderProcess decoder) : IImageEngine
{
    /// <summary>Version of the engine. It is raised with every change that changes the output bytes.</summary>
    private const int Revision = 2;

    public string Identity { get; } = $"{Libraries.ImageSharp}, r{Revision}";

    public bool DecodesApart(string? mediaType) => true;

    public async Task<Outcome<OptimizedImage>> OptimizeAsync(string filePath, OptimizeRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var format = await ImageFile.SniffAsync(filePath, cancellationToken);
        if (!format.Succeeded) return format.Failure;
        if (format.Value is not ("image/jpeg" or "image/png" or "image/gif" or "image/webp" or "image/bmp"))
            return new Failure(FailureCodes.UnsupportedImage, $"The ImageSharp engine does not read {format.Value}, but Images:Engine=NetVips does.");

        var path = Path.GetFullPath(filePath);
        var outlined = await AskAsync(["outline", format.Value, path], DecoderJson.Default.ImageOutline, cancellationToken);
        if (!outlined.Succeeded) return outlined.Failure;
        var outline = outlined.Value;
        if (ImageFile.CheckSize(outline.Width, outline.Height, outline.Frames, request) is { } tooLarge) return tooLarge;

        // This is the target of the image as it is stored: both orientations cost the same.
        var (width, height) = request.TargetOf(outline.Width, outline.Height);
        var flatShare = LosslessFormat.Is(format.Value, path) ? FlatColour.Share : FlatColour.Never;
        var shrunken = await AskAsync(
            ["shrink", format.Value, path, Text(width), Text(height), Text(request.JpegQuality), Text(flatShare)],
            DecoderJson.Default.ShrunkImage,
            cancellationToken);
        if (!shrunken.Succeeded) return shrunken.Failure;
        var image = shrunken.Value;
        var note = outline.Frames > 1 ? ImageFile.FramesNote(outline.Frames, arePages: false) : null;
        return new OptimizedImage(image.Bytes, image.MediaType, image.Width, image.Height, image.OriginalWidth, image.OriginalHeight, note);
    }

    private async Task<Outcome<T>> AskAsync<T>(IReadOnlyList<string> arguments, JsonTypeInfo<T> answer, CancellationToken cancellationToken)
        where T : notnull
    {
        var ended = await decoder.RunAsync(arguments, cancellationToken);
        if (!ended.Succeeded) return ended.Failure;
        return ended.Value.Exit switch
        {
            DecoderExit.Done => JsonSerializer.Deserialize(ended.Value.Output.Span, answer)!,
            DecoderExit.OutOfMemory => TooLarge(decoder.TooMuchMemory("image")),
            DecoderExit.TooLarge => TooLarge("The shrunk image is still too large. Lower Images:MaxEdge, or export it smaller."),
            _ => ImageFile.Corrupt,
        };

        static Failure TooLarge(string message) => new(FailureCodes.ImageTooLarge, message);
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
