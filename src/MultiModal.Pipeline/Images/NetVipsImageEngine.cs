using ImageMagick;
using NetVips;

namespace MultiModal.Pipeline.Images;

/// <summary>
/// Shrinks images with libvips: one pipeline from the file to the encoded bytes, which holds the original's pixels only
/// where the format leaves no choice (the JPEG decoder itself shrinks; PNG and TIFF go by in strips). HEIC and BMP are
/// decoded by <see cref="Magick"/> and go through the same pipeline from there.
/// </summary>
public sealed class NetVipsImageEngine : IImageEngine, IDisposable
{
    /// <summary>Rises with every change that changes the bytes that come out.</summary>
    private const int Revision = 1;

    /// <summary>From here on images that are held whole (interlaced, progressive, HEIC: 4 to 8 bytes a pixel) take turns.</summary>
    private const long LargePixels = 20_000_000;

    private readonly SemaphoreSlim decoders = new(Math.Clamp(Environment.ProcessorCount, 1, 8));
    private readonly SemaphoreSlim largeDecoder = new(1);

    public string Identity { get; } = $"libvips {Libvips.Version}, {Magick.Version}, r{Revision}";

    public async Task<Outcome<OptimizedImage>> OptimizeAsync(string filePath, OptimizeRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var format = await ImageFile.SniffAsync(filePath, cancellationToken);
        if (!format.Succeeded) return format.Failure;
        await decoders.WaitAsync(cancellationToken);
        try
        {
            var header = Header(filePath, format.Value);
            if (ImageFile.CheckSize(header.Width, header.Height, request) is { } tooLarge) return tooLarge;
            if (!header.IsHeldWhole || header.Pixels < LargePixels) return await DecodeAsync();
            await largeDecoder.WaitAsync(cancellationToken);
            try
            {
                return await DecodeAsync();
            }
            finally
            {
                largeDecoder.Release();
            }

            Task<OptimizedImage> DecodeAsync() => Task.Run(() => Optimize(filePath, format.Value, header, request), cancellationToken);
        }
        catch (Exception e) when (e is VipsException or MagickException)
        {
            return ImageFile.Corrupt;
        }
        finally
        {
            decoders.Release();
        }
    }

    public void Dispose()
    {
        decoders.Dispose();
        largeDecoder.Dispose();
    }

    /// <summary>The formats that libvips is not asked for.</summary>
    private static MagickFormat? ByMagick(string mediaType) => mediaType switch
    {
        "image/bmp" => MagickFormat.Bmp,
        "image/heic" or "image/heif" => MagickFormat.Heic,
        _ => null,
    };

    private static ImageHeader Header(string filePath, string mediaType)
    {
        if (ByMagick(mediaType) is { } format) return Magick.Header(filePath, format);
        using var source = Source.NewFromFile(filePath);
        using var image = Image.NewFromSource(source, access: Enums.Access.Sequential);
        return ImageHeader.Of(image);
    }

    private static OptimizedImage Optimize(string filePath, string mediaType, ImageHeader header, OptimizeRequest request)
    {
        var (width, height) = request.TargetOf(header.Width, header.Height);
        if (ByMagick(mediaType) is { } format)
        {
            return Magick.Decode(filePath, format, image =>
            {
                using var small = image.ThumbnailImage(width, height, Enums.Size.Down, outputProfile: "srgb", intent: Enums.Intent.Perceptual);
                return Encode(small, header, request);
            });
        }

        using var source = Source.NewFromFile(filePath);
        // The fail_on argument of thumbnail_source is ignored (libvips/libvips#5195), the loader's own option is not.
        using var shrunk = Image.ThumbnailSource(
            source, width, "[fail_on=error]", height, Enums.Size.Down, outputProfile: "srgb", intent: Enums.Intent.Perceptual);
        return Encode(shrunk, header, request);
    }

    private static OptimizedImage Encode(Image shrunk, ImageHeader header, OptimizeRequest request)
    {
        // Everything below looks at the pixels, and a sequential pipeline gives them only once.
        using var pixels = shrunk.CopyMemory();
        using var opaque = Opaque(pixels);
        var keepsAlpha = opaque.HasAlpha();
        // The same pixels shall make the same bytes, whatever resolution the original claimed to be printed at.
        using var plain = opaque.Copy(xres: 1, yres: 1);
        var png = keepsAlpha || IsFlat(plain);
        var bytes = png
            ? plain.PngsaveBuffer(compression: 6, filter: Enums.ForeignPngFilter.All, keep: Enums.ForeignKeep.None)
            : plain.JpegsaveBuffer(q: request.JpegQuality, optimizeCoding: true, keep: Enums.ForeignKeep.None);
        return new OptimizedImage(bytes, png ? "image/png" : "image/jpeg", plain.Width, plain.Height, header.Width, header.Height, header.Note);
    }

    /// <summary>Without its alpha channel, if no pixel uses that.</summary>
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
