using System.Globalization;
using System.Text.Json;
using MultiModal.Decoder;
using MultiModal.Pipeline.Decoding;
using NetVips;

namespace MultiModal.Pipeline.Images;

/// <summary>
/// Shrinks images with libvips: one pipeline from the file to the encoded bytes, which holds the original's pixels only
/// where the format requires it (the JPEG decoder itself shrinks; PNG and TIFF are read in strips). HEIC and BMP are
/// decoded by a <see cref="DecoderProcess"/> and then use the same pipeline.
/// </summary>
public sealed class NetVipsImageEngine(DecoderProcess decoder) : IImageEngine, IDisposable
{
    /// <summary>Version of the engine, which is part of the key. It is raised where images that were made before must not be sent any more.</summary>
    private const int Revision = 2;

    /// <summary>Size from which images that are held whole (interlaced, progressive: 4 to 8 bytes a pixel) are processed one at a time.</summary>
    private const long LargePixels = 20_000_000;

    private const string PartialNote = "The image is damaged; what could be decoded was looked at.";

    private readonly SemaphoreSlim largeDecoder = new(1);

    public string Identity { get; } = $"libvips {Libvips.Version}, {Libraries.Images}, r{Revision}";

    public bool DecodesApart(string? mediaType) => mediaType is not null && OutsideFormat(mediaType) is not null;

    public async Task<Outcome<OptimizedImage>> OptimizeAsync(string filePath, OptimizeRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var format = await ImageFile.SniffAsync(filePath, cancellationToken);
        if (!format.Succeeded) return format.Failure;
        var isLossless = LosslessFormat.Is(format.Value, filePath);
        try
        {
            var optimized = OutsideFormat(format.Value) is { } outside
                ? await OptimizeOutsideAsync(filePath, outside, isLossless, request, cancellationToken)
                : await OptimizeHereAsync(filePath, isLossless, request, cancellationToken);
            // libvips cannot be stopped at any time.
            cancellationToken.ThrowIfCancellationRequested();
            return optimized;
        }
        catch (VipsException)
        {
            return ImageFile.Corrupt;
        }
    }

    private async Task<Outcome<OptimizedImage>> OptimizeHereAsync(
        string filePath, bool isLossless, OptimizeRequest request, CancellationToken cancellationToken)
    {
        var header = Header(filePath);
        if (ImageFile.CheckSize(header.Width, header.Height, header.Frames, request) is { } tooLarge) return tooLarge;
        if (!header.IsHeldWhole
            || header.Pixels < LargePixels) return await Task.Run(() => Optimize(filePath, isLossless, header, request), cancellationToken);
        await largeDecoder.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Optimize(filePath, isLossless, header, request), cancellationToken);
        }
        finally
        {
            largeDecoder.Release();
        }
    }

    private async Task<Outcome<OptimizedImage>> OptimizeOutsideAsync(
        string filePath, string format, bool isLossless, OptimizeRequest request, CancellationToken cancellationToken)
    {
        // The pixels are in a file beside the original, in its private folder.
        var pixels = $"{filePath}.{UniqueId.New():N}.pixels";
        try
        {
            var ended = await decoder.RunAsync(
                ["image", format, Path.GetFullPath(filePath), pixels, request.MaxPixels.ToString(CultureInfo.InvariantCulture)], cancellationToken);
            if (!ended.Succeeded) return ended.Failure;
            if (ended.Value.Exit == DecoderExit.OutOfMemory) return new Failure(FailureCodes.ImageTooLarge, decoder.TooMuchMemory("image"));
            if (ended.Value.Exit is not (DecoderExit.Done or DecoderExit.TooLarge)) return ImageFile.Corrupt;
            var decoded = JsonSerializer.Deserialize(ended.Value.Output.Span, DecoderJson.Default.DecodedImage)!;
            if (ImageFile.CheckSize(decoded.Width, decoded.Height, frames: 1, request) is { } tooLarge) return tooLarge;
            var header = new ImageHeader(decoded.Width, decoded.Height, Frames: 1, Note: null, IsHeldWhole: false, IsPlain: true);
            var (width, height) = request.TargetOf(decoded.Width, decoded.Height);
            return await Task.Run(
                () => PixelFile.Use(pixels, decoded, image =>
                {
                    using var shrunk = image.ThumbnailImage(width, height, Enums.Size.Down);
                    using var coloured = InStandardColours(shrunk);
                    return Measured(Encode(coloured, isLossless, header, request), request, () => TextMeter.Measure(image));
                }),
                cancellationToken);
        }
        finally
        {
            File.Delete(pixels);
        }
    }

    public void Dispose()
    {
        largeDecoder.Dispose();
    }

    /// <summary>The formats that are not decoded by libvips, with their names in the decoder process.</summary>
    private static string? OutsideFormat(string mediaType) => mediaType switch
    {
        "image/bmp" => "Bmp",
        "image/heic" or "image/heif" => "Heic",
        _ => null,
    };

    private static ImageHeader Header(string filePath)
    {
        using var source = Source.NewFromFile(filePath);
        using var image = Image.NewFromSource(source, access: Enums.Access.Sequential);
        return ImageHeader.Read(image);
    }

    private static OptimizedImage Optimize(string filePath, bool isLossless, ImageHeader header, OptimizeRequest request)
    {
        try
        {
            return Optimize(filePath, isLossless, header, request, Enums.FailOn.Error);
        }
        catch (VipsException) when (request.AllowPartial)
        {
            var noted = header with { Note = string.Join(' ', new[] { header.Note, PartialNote }.OfType<string>()) };
            return Optimize(filePath, isLossless, noted, request, Enums.FailOn.None);
        }
    }

    private static OptimizedImage Optimize(string filePath, bool isLossless, ImageHeader header, OptimizeRequest request, Enums.FailOn failOn)
    {
        var (width, height) = request.TargetOf(header.Width, header.Height);
        using var source = Source.NewFromFile(filePath);
        // The fail_on argument of thumbnail_source is ignored (libvips/libvips#5195), but the loader's own option is not.
        var loading = failOn == Enums.FailOn.None ? "[fail_on=none]" : "[fail_on=error]";
        if (!header.IsPlain)
        {
            using var converted = Image.ThumbnailSource(
                source, width, loading, height, Enums.Size.Down, outputProfile: "srgb", intent: Enums.Intent.Perceptual);
            return Measured(Encode(converted, isLossless, header, request), request, MeasureFile);
        }

        // With a profile to convert to, the pixels are converted before they are shrunk to their size, which takes longer than all else.
        using var shrunk = Image.ThumbnailSource(source, width, loading, height, Enums.Size.Down);
        using var coloured = InStandardColours(shrunk);
        return Measured(Encode(coloured, isLossless, header, request), request, MeasureFile);

        TextMeasure MeasureFile() => Measure(filePath, header, loading);
    }

    /// <summary>Adds the height of the text, which is looked for only where the image was shrunk and might hold text that became too small.</summary>
    private static OptimizedImage Measured((OptimizedImage Image, bool MayHoldSmallText) made, OptimizeRequest request, Func<TextMeasure> measure) =>
        !request.MeasuresText ? made.Image
        : made.MayHoldSmallText ? made.Image with { TextHeight = measure().Height }
        : made.Image with { TextHeight = 0 };

    /// <summary>Measures the text of the original, of which no more than some rows are in memory unless it lies on its side.</summary>
    private static TextMeasure Measure(string filePath, ImageHeader header, string loading)
    {
        var scale = Math.Min(1, Math.Sqrt((double)TextMeter.MostPixels / header.Pixels));
        var (width, height) = ((int)Math.Ceiling(header.Width * scale), (int)Math.Ceiling(header.Height * scale));
        using var source = Source.NewFromFile(filePath);
        using var upright = Image.ThumbnailSource(
            source, width, loading, height, Enums.Size.Down, outputProfile: header.IsPlain ? null : "srgb");
        var found = TextMeter.Measure(upright);
        return found with { Height = found.Height * header.Width / upright.Width };
    }

    /// <summary>Converts to sRGB what has another colour profile. A broken profile is ignored.</summary>
    private static Image InStandardColours(Image shrunk)
    {
        if (!ColourProfile.IsOther(shrunk)) return shrunk.Copy();
        using var pixels = shrunk.CopyMemory();
        return pixels.ThumbnailImage(pixels.Width, pixels.Height, Enums.Size.Down, outputProfile: "srgb", intent: Enums.Intent.Perceptual);
    }

    /// <summary>
    /// Chooses detail and format, and encodes. A flat-colour picture whose original is lossless is sent as PNG where that is smaller;
    /// what is transparent is always sent as PNG, and all else as JPEG.
    /// </summary>
    private static (OptimizedImage Image, bool MayHoldSmallText) Encode(Image shrunk, bool isLossless, ImageHeader header, OptimizeRequest request)
    {
        var pixels = ShrunkPixels.Read(shrunk);
        using var image = pixels.ToImage();
        var detail = request.Detail == ImageDetail.Auto
            ? ImageDetail.Choose(request.TokenRule, Math.Max(header.Width, header.Height), pixels, image)
            : request.Detail;
        using var sent = Fit(image, request with { Detail = detail }, header);
        var png = pixels.UsesAlpha ? Png(sent, Enums.ForeignPngFilter.All)
            : isLossless && pixels.IsFlat() ? Png(sent, Enums.ForeignPngFilter.None)
            : null;
        var jpeg = pixels.UsesAlpha ? null : sent.JpegsaveBuffer(q: request.JpegQuality, optimizeCoding: true, keep: Enums.ForeignKeep.None);
        var (bytes, mediaType) = jpeg is null || png?.Length <= jpeg.Length ? (png!, "image/png") : (jpeg, "image/jpeg");
        var made = new OptimizedImage(bytes, mediaType, sent.Width, sent.Height, header.Width, header.Height, header.Note, detail);
        return (made, request.MeasuresText && made.IsShrunk && (isLossless || pixels.MayHoldSmallText()));
    }

    /// <summary>Low detail shows a smaller image, for which the original need not be decoded again.</summary>
    private static Image Fit(Image image, OptimizeRequest request, ImageHeader header)
    {
        var (width, height) = request.TargetOf(header.Width, header.Height);
        return Math.Max(width, height) < Math.Max(image.Width, image.Height)
            ? image.ThumbnailImage(width, height, Enums.Size.Force)
            : image.Copy();
    }

    private static byte[] Png(Image image, Enums.ForeignPngFilter filter) =>
        image.PngsaveBuffer(compression: 6, filter: filter, keep: Enums.ForeignKeep.None);
}
