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
    /// <summary>Version of the engine. It is raised with every change that changes the output bytes.</summary>
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
        try
        {
            var optimized = OutsideFormat(format.Value) is { } outside
                ? await OptimizeOutsideAsync(filePath, outside, request, cancellationToken)
                : await OptimizeHereAsync(filePath, request, cancellationToken);
            // libvips cannot be stopped at any time.
            cancellationToken.ThrowIfCancellationRequested();
            return optimized;
        }
        catch (VipsException)
        {
            return ImageFile.Corrupt;
        }
    }

    private async Task<Outcome<OptimizedImage>> OptimizeHereAsync(string filePath, OptimizeRequest request, CancellationToken cancellationToken)
    {
        var header = Header(filePath);
        if (ImageFile.CheckSize(header.Width, header.Height, header.Frames, request) is { } tooLarge) return tooLarge;
        if (!header.IsHeldWhole
            || header.Pixels < LargePixels) return await Task.Run(() => Optimize(filePath, header, request), cancellationToken);
        await largeDecoder.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Optimize(filePath, header, request), cancellationToken);
        }
        finally
        {
            largeDecoder.Release();
        }
    }

    private async Task<Outcome<OptimizedImage>> OptimizeOutsideAsync(
        string filePath, string format, OptimizeRequest request, CancellationToken cancellationToken)
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
            var header = new ImageHeader(decoded.Width, decoded.Height, Frames: 1, Note: null, IsHeldWhole: false);
            var (width, height) = request.TargetOf(decoded.Width, decoded.Height);
            return await Task.Run(
                () => PixelFile.Use(pixels, decoded, image =>
                {
                    using var small = image.ThumbnailImage(
                        width, height, Enums.Size.Down, outputProfile: "srgb", intent: Enums.Intent.Perceptual);
                    return Encode(small, header, request);
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

    private static OptimizedImage Optimize(string filePath, ImageHeader header, OptimizeRequest request)
    {
        try
        {
            return Optimize(filePath, header, request, Enums.FailOn.Error);
        }
        catch (VipsException) when (request.AllowPartial)
        {
            return Optimize(
                filePath, header with { Note = string.Join(' ', new[] { header.Note, PartialNote }.OfType<string>()) }, request, Enums.FailOn.None);
        }
    }

    private static OptimizedImage Optimize(string filePath, ImageHeader header, OptimizeRequest request, Enums.FailOn failOn)
    {
        var (width, height) = request.TargetOf(header.Width, header.Height);
        using var source = Source.NewFromFile(filePath);
        // The fail_on argument of thumbnail_source is ignored (libvips/libvips#5195), but the loader's own option is not.
        using var shrunk = Image.ThumbnailSource(
            source, width, failOn == Enums.FailOn.None ? "[fail_on=none]" : "[fail_on=error]", height, Enums.Size.Down, outputProfile: "srgb",
            intent: Enums.Intent.Perceptual);
        return Encode(shrunk, header, request);
    }

    private static OptimizedImage Encode(Image shrunk, ImageHeader header, OptimizeRequest request)
    {
        // All code below reads the pixels, and a sequential pipeline gives them only once.
        using var pixels = shrunk.CopyMemory();
        using var opaque = Opaque(pixels);
        var keepsAlpha = opaque.HasAlpha();
        // The same pixels must make the same bytes, whatever print resolution the original has.
        using var plain = opaque.Copy(xres: 1, yres: 1);
        var png = keepsAlpha || IsFlat(plain);
        var bytes = png
            ? plain.PngsaveBuffer(compression: 6, filter: Enums.ForeignPngFilter.All, keep: Enums.ForeignKeep.None)
            : plain.JpegsaveBuffer(q: request.JpegQuality, optimizeCoding: true, keep: Enums.ForeignKeep.None);
        return new OptimizedImage(bytes, png ? "image/png" : "image/jpeg", plain.Width, plain.Height, header.Width, header.Height, header.Note);
    }

    /// <summary>The image without its alpha channel, if no pixel uses that.</summary>
    private static Image Opaque(Image image)
    {
        if (!image.HasAlpha()) return image.Copy();
        using var alpha = image[image.Bands - 1];
        return alpha.Min() < byte.MaxValue ? image.Copy() : image.ExtractBand(0, image.Bands - 1);
    }

    private static bool IsFlat(Image image)
    {
        if (image.Width < 2) return true;
        using var left = image.ExtractArea(0, 0, image.Width - 1, image.Height);
        using var right = image.ExtractArea(1, 0, image.Width - 1, image.Height);
        using var same = left.Equal(right);
        using var allBands = same.BandAnd();
        return allBands.Avg() >= FlatColour.Share * byte.MaxValue;
    }
}
