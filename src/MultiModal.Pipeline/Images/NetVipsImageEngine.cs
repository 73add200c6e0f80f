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

    /// <summary>The name of TIFF in the decoder process.</summary>
    private const string Tiff = "Tiff";

    private const string PartialNote = "The image is damaged; what could be decoded was looked at.";

    private static readonly Failure UnsupportedVariant = new(
        FailureCodes.UnsupportedImage, "This BMP is compressed in a way that OS/2 alone knew. Export it anew.");

    private readonly SemaphoreSlim largeDecoder = new(1);

    public string Identity { get; } = $"libvips {Libvips.Version}, {Libraries.Images}, r{Revision}";

    public bool DecodesApart(string? mediaType) => mediaType is not null && OutsideFormat(mediaType) is not null;

    public Task<Outcome<OptimizedImage>> OptimizeAsync(string filePath, OptimizeRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return DecodeAsync(
            filePath,
            request,
            (original, isLossless) =>
            {
                var (width, height) = request.TargetOf(original.Header.Width, original.Header.Height);
                using var shrunk = original.Shrink(width, height, Enums.Size.Down);
                using var coloured = InStandardColours(shrunk, original.Header);
                var (made, mayHoldSmallText) = Encode(coloured, isLossless, original.Header, request);
                // The text is looked for only where the image was shrunk and might hold text that became too small.
                made = made with { Pages = original.Pages };
                return !request.MeasuresText ? made : made with { TextHeight = mayHoldSmallText ? Measure(original).Height : 0 };
            },
            cancellationToken);
    }

    public Task<Outcome<TiledImage>> CutAsync(
        string filePath, OptimizeRequest request, Func<TextLayout, TilePlan?> choose, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(choose);
        return DecodeAsync(
            filePath,
            request,
            (original, isLossless) =>
            {
                var size = (original.Header.Width, original.Header.Height);
                var plan = choose(FindLayout(original));
                if (plan is null) return new TiledImage(size.Width, size.Height, Plan: null, Tiles: [], original.Header.Note);
                var (width, height) = plan.Sent(size);
                using var scaled = original.Shrink(width, height, Enums.Size.Force);
                using var coloured = InStandardColours(scaled, original.Header);
                return new TiledImage(
                    size.Width, size.Height, plan, TiledImage.Cut(coloured, plan, isLossless, request.JpegQuality), original.Header.Note);
            },
            cancellationToken);
    }

    /// <param name="filePath">The original.</param>
    /// <param name="request">Limits.</param>
    /// <param name="use">Makes something of the original, of which it is also told whether it holds its pixels exactly.</param>
    /// <param name="cancellationToken">Token that ends the call.</param>
    private async Task<Outcome<T>> DecodeAsync<T>(
        string filePath, OptimizeRequest request, Func<Original, bool, T> use, CancellationToken cancellationToken)
        where T : notnull
    {
        var format = await ImageFile.SniffAsync(filePath, cancellationToken);
        if (!format.Succeeded) return format.Failure;
        var isLossless = LosslessFormat.Is(format.Value, filePath);
        var pages = format.Value == "image/tiff" ? TiffDirectories.Read(filePath, request.MaxFrames) : [];
        if (pages.Count <= request.Page && request.Page > 0) return ImageFile.Corrupt;
        var page = pages.Count == 0 ? null : pages[request.Page];
        if (page?.Unread is { } unread) return unread;
        try
        {
            var made = (page is { NeedsMagick: true } ? Tiff : OutsideFormat(format.Value)) is { } outside
                ? await DecodeOutsideAsync(
                    filePath, outside, page?.Directory ?? 0, request,
                    original => use(original with { Pages = page is null ? null : pages.Count }, isLossless), cancellationToken)
                : await DecodeHereAsync(
                    filePath, page?.Directory ?? 0, request, original => use(original with { Pages = page is null ? null : pages.Count }, isLossless),
                    cancellationToken);
            // libvips cannot be stopped at any time.
            cancellationToken.ThrowIfCancellationRequested();
            return made;
        }
        catch (VipsException) when (format.Value == "image/avif")
        {
            // A sequence, of which libvips' prebuilt library reads no frame.
            return await DecodeOutsideAsync(filePath, "Avif", page: 0, request, original => use(original, isLossless), cancellationToken);
        }
        catch (VipsException)
        {
            return ImageFile.Corrupt;
        }
    }

    private async Task<Outcome<T>> DecodeHereAsync<T>(
        string filePath, int page, OptimizeRequest request, Func<Original, T> use, CancellationToken cancellationToken)
        where T : notnull
    {
        var header = Header(filePath, page);
        if (ImageFile.CheckSize(header.Width, header.Height, header.Frames, request) is { } tooLarge) return tooLarge;
        if (!header.IsHeldWhole || header.Pixels < LargePixels) return await Task.Run(Use, cancellationToken);
        await largeDecoder.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(Use, cancellationToken);
        }
        finally
        {
            largeDecoder.Release();
        }

        T Use()
        {
            try
            {
                return use(new FileOriginal(filePath, page, header, Enums.FailOn.Error));
            }
            catch (VipsException) when (request.AllowPartial)
            {
                var noted = header with { Note = string.Join(' ', new[] { header.Note, PartialNote }.OfType<string>()) };
                return use(new FileOriginal(filePath, page, noted, Enums.FailOn.None));
            }
        }
    }

    private async Task<Outcome<T>> DecodeOutsideAsync<T>(
        string filePath, string format, int page, OptimizeRequest request, Func<Original, T> use, CancellationToken cancellationToken)
        where T : notnull
    {
        // The pixels are in a file beside the original, in its private folder.
        var pixels = $"{filePath}.{UniqueId.New():N}.pixels";
        try
        {
            var ended = await decoder.RunAsync(
                [
                    "image", format, Path.GetFullPath(filePath), pixels, request.MaxPixels.ToString(CultureInfo.InvariantCulture),
                    page.ToString(CultureInfo.InvariantCulture),
                ],
                cancellationToken);
            if (!ended.Succeeded) return ended.Failure;
            if (ended.Value.Exit == DecoderExit.OutOfMemory) return new Failure(FailureCodes.ImageTooLarge, decoder.TooMuchMemory("image"));
            if (ended.Value.Exit == DecoderExit.Unsupported) return UnsupportedVariant;
            if (ended.Value.Exit is not (DecoderExit.Done or DecoderExit.TooLarge)) return ImageFile.Corrupt;
            var decoded = JsonSerializer.Deserialize(ended.Value.Output.Span, DecoderJson.Default.DecodedImage)!;
            if (ImageFile.CheckSize(decoded.Width, decoded.Height, frames: 1, request) is { } tooLarge) return tooLarge;
            var header = new ImageHeader(decoded.Width, decoded.Height, Frames: 1, Note: null, IsHeldWhole: false, IsPlain: true);
            return await Task.Run(() => PixelFile.Use(pixels, decoded, image => use(new PixelOriginal(image, header))), cancellationToken);
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

    private static ImageHeader Header(string filePath, int page)
    {
        using var source = Source.NewFromFile(filePath);
        using var image = Image.NewFromSource(source, PageOption(page) is { } option ? $"[{option}]" : "", access: Enums.Access.Sequential);
        return ImageHeader.Read(image);
    }

    /// <summary>Measures the text of the original, of which no more than some rows are in memory unless it lies on its side.</summary>
    private static TextMeasure Measure(Original original)
    {
        using var upright = ForMeter(original);
        var found = TextMeter.Measure(upright);
        return found with { Height = found.Height * original.Header.Width / upright.Width };
    }

    private static TextLayout FindLayout(Original original)
    {
        using var upright = ForMeter(original);
        return TextMeter.FindLayout(upright, (original.Header.Width, original.Header.Height));
    }

    private static Image ForMeter(Original original)
    {
        var header = original.Header;
        var scale = Math.Min(1, Math.Sqrt((double)TextMeter.MostPixels / header.Pixels));
        return original.Shrink((int)Math.Ceiling(header.Width * scale), (int)Math.Ceiling(header.Height * scale), Enums.Size.Down);
    }

    /// <summary>Converts to sRGB what has another colour profile. A broken profile is ignored.</summary>
    private static Image InStandardColours(Image shrunk, ImageHeader header)
    {
        if (!header.IsPlain || !ColourProfile.IsOther(shrunk)) return shrunk.Copy();
        using var pixels = shrunk.CopyMemory();
        return pixels.ThumbnailImage(pixels.Width, pixels.Height, Enums.Size.Down, outputProfile: "srgb", intent: Enums.Intent.Perceptual);
    }

    /// <summary>Chooses detail and format, and encodes.</summary>
    private static (OptimizedImage Image, bool MayHoldSmallText) Encode(Image shrunk, bool isLossless, ImageHeader header, OptimizeRequest request)
    {
        var pixels = ShrunkPixels.Read(shrunk);
        using var image = pixels.ToImage();
        var detail = request.Detail == ImageDetail.Auto
            ? ImageDetail.Choose(request.TokenRule, Math.Max(header.Width, header.Height), pixels, image)
            : request.Detail;
        using var sent = Fit(image, request with { Detail = detail }, header);
        var (bytes, mediaType) = SentFormat.Encode(sent, pixels, isLossless, request.JpegQuality);
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

    private static string? PageOption(int page) => page == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"page={page}");

    /// <summary>An original that is decoded as often as it is asked for.</summary>
    private abstract record Original(ImageHeader Header)
    {
        /// <summary>Number of pages of a TIFF; null for other formats.</summary>
        public int? Pages { get; init; }

        /// <summary>The upright image in a size. If it is plain, its colours may have another profile than sRGB.</summary>
        public abstract Image Shrink(int width, int height, Enums.Size size);
    }

    /// <summary>A file that libvips decodes.</summary>
    private sealed record FileOriginal(string Path, int Page, ImageHeader Header, Enums.FailOn FailOn) : Original(Header)
    {
        public override Image Shrink(int width, int height, Enums.Size size)
        {
            using var source = Source.NewFromFile(Path);
            // The fail_on argument of thumbnail_source is ignored (libvips/libvips#5195), but the loader's own option is not.
            var failOn = FailOn == Enums.FailOn.None ? "fail_on=none" : "fail_on=error";
            var loading = PageOption(Page) is { } option ? $"[{option},{failOn}]" : $"[{failOn}]";
            // With a profile to convert to, the pixels are converted before they are shrunk to their size, which takes longer than all else.
            return Header.IsPlain
                ? Image.ThumbnailSource(source, width, loading, height, size)
                : Image.ThumbnailSource(source, width, loading, height, size, outputProfile: "srgb", intent: Enums.Intent.Perceptual);
        }
    }

    /// <summary>Pixels that the decoder process made.</summary>
    private sealed record PixelOriginal(Image Pixels, ImageHeader Header) : Original(Header)
    {
        public override Image Shrink(int width, int height, Enums.Size size) => Pixels.ThumbnailImage(width, height, size);
    }
}
