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
        var outlined = await OutlineAsync(filePath, request, cancellationToken);
        if (!outlined.Succeeded) return outlined.Failure;
        var (original, outline) = outlined.Value;

        // This is the target of the image as it is stored: both orientations cost the same.
        var shrunken = await ShrinkAsync(
            original, request.TargetOf(outline.Width, outline.Height), request.JpegQuality, original.FlatShare, cancellationToken);
        if (!shrunken.Succeeded) return shrunken.Failure;
        var image = shrunken.Value;
        var made = new OptimizedImage(
            image.Bytes, image.MediaType, image.Width, image.Height, image.OriginalWidth, image.OriginalHeight, NoteOn(outline));
        return request.MeasuresText ? made with { TextHeight = await MeasureAsync(made, original, outline, cancellationToken) } : made;
    }

    public async Task<Outcome<TiledImage>> CutAsync(
        string filePath, OptimizeRequest request, Func<TextLayout, TilePlan?> choose, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(choose);
        _ = Libvips.Version;
        var outlined = await OutlineAsync(filePath, request, cancellationToken);
        if (!outlined.Succeeded) return outlined.Failure;
        var (original, outline) = outlined.Value;
        var large = await ForMeterAsync(original, outline, cancellationToken);
        if (!large.Succeeded) return large.Failure;
        var (width, height) = (large.Value.OriginalWidth, large.Value.OriginalHeight);
        var plan = await Task.Run(
            () =>
            {
                using var image = Image.NewFromBuffer(large.Value.Bytes);
                return choose(TextMeter.FindLayout(image, (width, height)));
            },
            cancellationToken);
        if (plan is null) return new TiledImage(width, height, Plan: null, Tiles: [], NoteOn(outline));

        // The size of the image as it is stored, which may lie on its side.
        var sent = plan.Sent((outline.Width, outline.Height));
        var scaled = await ShrinkAsync(original, sent, MeasuredQuality, original.FlatShare, cancellationToken);
        if (!scaled.Succeeded) return scaled.Failure;
        return await Task.Run(
            () =>
            {
                using var decoded = Image.NewFromBuffer(scaled.Value.Bytes);
                var (exactWidth, exactHeight) = plan.Sent((width, height));
                using var exact = decoded.ThumbnailImage(exactWidth, exactHeight, Enums.Size.Force);
                var tiles = TiledImage.Cut(exact, plan, original.FlatShare == FlatColour.Share, request.JpegQuality);
                return new TiledImage(width, height, plan, tiles, NoteOn(outline));
            },
            cancellationToken);
    }

    private async Task<Outcome<(StoredImage Original, ImageOutline Outline)>> OutlineAsync(
        string filePath, OptimizeRequest request, CancellationToken cancellationToken)
    {
        var format = await ImageFile.SniffAsync(filePath, cancellationToken);
        if (!format.Succeeded) return format.Failure;
        if (format.Value is not ("image/jpeg" or "image/png" or "image/gif" or "image/webp" or "image/bmp"))
            return new Failure(FailureCodes.UnsupportedImage, $"The ImageSharp engine does not read {format.Value}, but Images:Engine=NetVips does.");

        var path = Path.GetFullPath(filePath);
        var original = new StoredImage(format.Value, path, LosslessFormat.Is(format.Value, path) ? FlatColour.Share : FlatColour.Never);
        var outlined = await AskAsync(["outline", original.MediaType, path], DecoderJson.Default.ImageOutline, cancellationToken);
        if (!outlined.Succeeded) return outlined.Failure;
        var outline = outlined.Value;
        return ImageFile.CheckSize(outline.Width, outline.Height, outline.Frames, request) is { } tooLarge ? tooLarge : (original, outline);
    }

    private static string? NoteOn(ImageOutline outline) => outline.Frames > 1 ? ImageFile.FramesNote(outline.Frames) : null;

    private Task<Outcome<ShrunkImage>> ShrinkAsync(
        StoredImage original, (int Width, int Height) target, int jpegQuality, double flatShare, CancellationToken cancellationToken) => AskAsync(
        ["shrink", original.MediaType, original.Path, Text(target.Width), Text(target.Height), Text(jpegQuality), Text(flatShare)],
        DecoderJson.Default.ShrunkImage,
        cancellationToken);

    private Task<Outcome<ShrunkImage>> ForMeterAsync(StoredImage original, ImageOutline outline, CancellationToken cancellationToken)
    {
        var scale = Math.Min(1, Math.Sqrt(MeasuredPixels / ((double)outline.Width * outline.Height)));
        return ShrinkAsync(
            original, ((int)(outline.Width * scale), (int)(outline.Height * scale)), MeasuredQuality, FlatColour.Never, cancellationToken);
    }

    /// <returns>
    /// Height of an x in the original's smallest text; 0 where there is none that might be too small, or where the original cannot be looked at.
    /// </returns>
    private async Task<double> MeasureAsync(
        OptimizedImage made, StoredImage original, ImageOutline outline, CancellationToken cancellationToken)
    {
        _ = Libvips.Version;
        var isLossless = original.FlatShare == FlatColour.Share;
        if (!made.IsShrunk || !(isLossless || await Task.Run(() => MayHoldSmallText(made), cancellationToken))) return 0;
        var large = await ForMeterAsync(original, outline, cancellationToken);
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

    /// <summary>An original in its file.</summary>
    /// <param name="MediaType">Media type by content.</param>
    /// <param name="Path">Full path.</param>
    /// <param name="FlatShare">Share of equal pixels from which it is sent as PNG.</param>
    private sealed record StoredImage(string MediaType, string Path, double FlatShare);
}
