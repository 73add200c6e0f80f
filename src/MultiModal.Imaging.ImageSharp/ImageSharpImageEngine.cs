using System.Runtime.InteropServices;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Images;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Tiff;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.Memory;
using SixLabors.ImageSharp.Metadata.Profiles.Exif;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace MultiModal.Imaging.ImageSharp;

/// <summary>
/// Shrinks images with ImageSharp: managed code throughout, for where no native library may be loaded. It reads JPEG, PNG,
/// GIF, WebP, TIFF and BMP; AVIF and HEIC it does not. Of colour profiles it knows those of matrix and curves, which
/// cameras and screens have; CMYK is converted without its profile.
/// </summary>
public sealed class ImageSharpImageEngine : IImageEngine, IDisposable
{
    /// <summary>Rises with every change that changes the bytes that come out.</summary>
    private const int Revision = 1;

    private static readonly Configuration Formats = new(
        new JpegConfigurationModule(),
        new PngConfigurationModule(),
        new GifConfigurationModule(),
        new WebpConfigurationModule(),
        new TiffConfigurationModule(),
        new BmpConfigurationModule())
    {
        // One image on one thread: images go side by side instead.
        MaxDegreeOfParallelism = 1,
        PreferContiguousImageBuffers = false,
    };

    private readonly SemaphoreSlim decoders = new(Math.Clamp(Environment.ProcessorCount, 1, 8));

    public string Identity { get; } = $"ImageSharp {typeof(Image).Assembly.GetName().Version!.ToString(3)}, r{Revision}";

    public async Task<Outcome<OptimizedImage>> OptimizeAsync(string filePath, OptimizeRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var format = await ImageFile.SniffAsync(filePath, cancellationToken);
        if (!format.Succeeded) return format.Failure;
        if (DecoderOf(format.Value) is not { } decoder)
            return new Failure(FailureCodes.UnsupportedImage, $"ImageSharp does not read {format.Value}; Images:Engine=NetVips does.");
        await decoders.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Optimize(filePath, format.Value, decoder, request, cancellationToken), cancellationToken);
        }
        catch (Exception e) when (IsOfTheFile(e))
        {
            return ImageFile.Corrupt;
        }
        finally
        {
            decoders.Release();
        }
    }

    public void Dispose() => decoders.Dispose();

    private static IImageDecoder? DecoderOf(string mediaType) => mediaType switch
    {
        "image/jpeg" => JpegDecoder.Instance,
        "image/png" => PngDecoder.Instance,
        "image/gif" => GifDecoder.Instance,
        "image/webp" => WebpDecoder.Instance,
        "image/tiff" => TiffDecoder.Instance,
        "image/bmp" => BmpDecoder.Instance,
        _ => null,
    };

    /// <summary>Decoders meet what no encoder writes with whatever their code runs into, not with their own exceptions alone.</summary>
    private static bool IsOfTheFile(Exception fault) => fault is
        ImageFormatException or ImageProcessingException or InvalidMemoryOperationException or InvalidDataException or EndOfStreamException
        or NotSupportedException or NotImplementedException or ArgumentException or IndexOutOfRangeException or OverflowException
        or DivideByZeroException or NullReferenceException or InvalidOperationException or InvalidCastException;

    private static Outcome<OptimizedImage> Optimize(string filePath, string mediaType, IImageDecoder decoder, OptimizeRequest request, CancellationToken cancellationToken)
    {
        using var file = File.OpenRead(filePath);
        var header = decoder.Identify(new DecoderOptions { Configuration = Formats }, file);
        var frames = header.FrameMetadataCollection.Count;
        if (ImageFile.CheckSize(header.Width, header.Height, frames, request) is { } tooLarge) return tooLarge;
        file.Position = 0;
        if (!FileEnd.IsThere(file, mediaType)) return ImageFile.Corrupt;

        cancellationToken.ThrowIfCancellationRequested();
        file.Position = 0;
        // Of the image as it is stored: lying down costs what standing up does.
        var target = request.TargetOf(header.Width, header.Height);
        var options = new DecoderOptions
        {
            Configuration = Formats,
            MaxFrames = 1,
            Sampler = KnownResamplers.Bicubic,
            TargetSize = target == (header.Width, header.Height) ? null : new Size(target.Width, target.Height),
        };
        using var image = decoder.Decode<Rgba32>(options, file);

        // A decoder only comes near its target: it keeps proportions to the pixel, and leaves alone what one side fits.
        if ((image.Width, image.Height) != target) image.Mutate(i => i.Resize(target.Width, target.Height, KnownResamplers.Bicubic));
        var lies = image.Metadata.ExifProfile is { } exif && exif.TryGetValue(ExifTag.Orientation, out var orientation) && orientation.Value is >= 5 and <= 8;
        image.Mutate(i => i.AutoOrient());
        if (image.Metadata.IccProfile is { } icc && MatrixProfile.TryRead(icc.ToByteArray()) is { } profile) profile.ConvertToSrgb(image);

        var (bytes, sentAs) = Encode(image, request);
        return new OptimizedImage(
            bytes,
            sentAs,
            image.Width,
            image.Height,
            lies ? header.Height : header.Width,
            lies ? header.Width : header.Height,
            frames > 1 ? ImageFile.FramesNote(frames, arePages: mediaType == "image/tiff") : null);
    }

    private static (byte[] Bytes, string MediaType) Encode(Image<Rgba32> image, OptimizeRequest request)
    {
        var (keepsAlpha, isFlat) = Look(image);
        IImageEncoder encoder = keepsAlpha || isFlat
            ? new PngEncoder { ColorType = keepsAlpha ? PngColorType.RgbWithAlpha : PngColorType.Rgb, BitDepth = PngBitDepth.Bit8, FilterMethod = PngFilterMethod.Adaptive, SkipMetadata = true }
            : new JpegEncoder { Quality = request.JpegQuality, SkipMetadata = true };

        // The same pixels shall make the same bytes, whatever resolution the original claimed to be printed at.
        image.Metadata.ResolutionUnits = SixLabors.ImageSharp.Metadata.PixelResolutionUnit.AspectRatio;
        image.Metadata.HorizontalResolution = 1;
        image.Metadata.VerticalResolution = 1;
        (image.Metadata.ExifProfile, image.Metadata.IccProfile, image.Metadata.IptcProfile, image.Metadata.XmpProfile) = (null, null, null, null);
        using var bytes = new MemoryStream();
        image.Save(bytes, encoder);
        return (bytes.ToArray(), encoder is PngEncoder ? "image/png" : "image/jpeg");
    }

    /// <returns>Whether some pixel uses alpha, and whether <see cref="FlatColour"/> says PNG.</returns>
    private static (bool UsesAlpha, bool IsFlat) Look(Image<Rgba32> image)
    {
        var usesAlpha = false;
        var same = 0L;
        image.ProcessPixelRows(rows =>
        {
            for (var y = 0; y < rows.Height; y++)
            {
                var row = MemoryMarshal.Cast<Rgba32, uint>(rows.GetRowSpan(y));
                var all = row[0];
                for (var x = 1; x < row.Length; x++)
                {
                    if (row[x] == row[x - 1]) same++;
                    all &= row[x];
                }

                usesAlpha |= new Rgba32(all).A != byte.MaxValue;
            }
        });
        var pairs = (long)(image.Width - 1) * image.Height;
        return (usesAlpha, pairs == 0 || same >= FlatColour.Share * pairs);
    }
}
