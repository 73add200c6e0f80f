using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MultiModal.Decoder;
using MultiModal.Decoder.ImageSharp;
using MultiModal.Pipeline.Decoding;
using NetVips;

namespace MultiModal.Pipeline.Images;

/// <summary>
/// Shrinks images with ImageSharp, which is managed code throughout, in a <see cref="DecoderProcess"/>. It reads
/// JPEG, PNG, GIF, WebP and BMP, but not TIFF, AVIF and HEIC.
/// </summary>
public sealed class ImageSharpImageEngine(DecoderProcess decoder) : IImageEngine
{
    /// <summary>Version of the engine. It is raised with every change that changes the output bytes.</summary>
    private const int Revision = 2;

    /// <summary>Pixels of the image in which text is looked for, which comes from the decoder process as a JPEG.</summary>
    private const double MeasuredPixels = 12_000_000;

    /// <summary>Quality of that JPEG.</summary>
    private const int MeasuredQuality = 90;

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
        var made = new OptimizedImage(image.Bytes, image.MediaType, image.Width, image.Height, image.OriginalWidth, image.OriginalHeight, note);
        return request.MeasuresText
            ? made with { TextHeight = await MeasureAsync(made, format.Value, path, flatShare == FlatColour.Share, outline, cancellationToken) }
            : made;
    }

    /// <returns>
    /// Height of an x in the original's smallest text; 0 where there is none that might be too small, or where the original cannot be looked at.
    /// </returns>
    private async Task<double> MeasureAsync(
        OptimizedImage made, string mediaType, string path, bool isLossless, ImageOutline outline, CancellationToken cancellationToken)
    {
        _ = Libvips.Version;
        if (!made.IsShrunk || !(isLossless || await Task.Run(() => MayHoldSmallText(made), cancellationToken))) return 0;
        var scale = Math.Min(1, Math.Sqrt(MeasuredPixels / ((double)outline.Width * outline.Height)));
        var large = await AskAsync(
            [
                "shrink", mediaType, path, Text((int)(outline.Width * scale)), Text((int)(outline.Height * scale)), Text(MeasuredQuality),
                Text(FlatColour.Never),
            ],
            DecoderJson.Default.ShrunkImage,
            cancellationToken);
        if (!large.Succeeded) return 0;
        return await Task.Run(
            () =>
            {
                using var image = Image.NewFromBuffer(large.Value.Bytes);
                return TextMeter.Measure(image).Height * made.OriginalWidth / image.Width;
            },
            cancellationToken);
    }

    private static bool MayHoldSmallText(OptimizedImage made)
    {
        using var image = Image.NewFromBuffer(made.Bytes.ToArray());
        return ShrunkPixels.Read(image).MayHoldSmallText();
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
