using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.Memory;
using SixLabors.ImageSharp.Metadata;
using SixLabors.ImageSharp.Metadata.Profiles.Exif;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace MultiModal.Decoder.ImageSharp;

/// <summary>
/// Shrinks images with ImageSharp, which is managed code throughout. Version 2.1, the last one under Apache-2.0, has published advisories
/// (eng/advisories.props): they concern TIFF, histogram equalization and the entries of colour profiles, none of which is used here. Our
/// own code applies colour profiles of matrix and curves; CMYK is converted without its profile.
/// </summary>
internal static class ImageShrinker
{
    /// <summary>Writes a <see cref="ShrunkImage"/> to standard output.</summary>
    /// <param name="mediaType">Media type of the file; any other content counts as damage.</param>
    /// <param name="path">Path of the file.</param>
    /// <param name="request">Size and encoding of the result.</param>
    /// <param name="maxMemory">Maximum memory of this process, in bytes.</param>
    public static DecoderExit Run(string mediaType, string path, ShrinkRequest request, long maxMemory)
    {
        using var file = File.OpenRead(path);
        return ImageOutline.Read(file, mediaType) is { } outline ? Run(mediaType, file, outline, request, maxMemory) : DecoderExit.Damaged;
    }

    /// <summary>
    /// Does the work in a method of its own. The runtime loads the types that a method names before it runs, so ImageSharp
    /// is loaded only for files that it may decode.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static DecoderExit Run(string mediaType, FileStream file, ImageOutline outline, ShrinkRequest request, long maxMemory)
    {
        try
        {
            if (Shrink(mediaType, file, outline, request, maxMemory) is not { } shrunk) return DecoderExit.Damaged;
            using var output = Console.OpenStandardOutput();
            JsonSerializer.Serialize(output, shrunk, DecoderJson.Default.ShrunkImage);
            return DecoderExit.Done;
        }
        catch (Exception e) when (IsShortOfMemory(e))
        {
            return DecoderExit.OutOfMemory;
        }
        catch (Exception e) when (IsOfTheFile(e))
        {
            return DecoderExit.Damaged;
        }
    }

    /// <returns>The shrunk image; null if ImageSharp sees another size than the outline.</returns>
    internal static ShrunkImage? Shrink(string mediaType, Stream file, ImageOutline outline, ShrinkRequest request, long maxMemory)
    {
        using var image = Decode(Formats(maxMemory), mediaType, file, outline);
        if (image is null) return null;
        var turned = image.Metadata.ExifProfile?.GetValue(ExifTag.Orientation)?.Value is >= 5 and <= 8;
        var target = (request.Width, request.Height);
        if (target != (image.Width, image.Height)) image.Mutate(i => i.Resize(target.Width, target.Height, KnownResamplers.Bicubic));
        image.Mutate(i => i.AutoOrient());
        var profile = mediaType == "image/png" ? PngFile.ColourProfile(file) : image.Metadata.IccProfile?.ToByteArray();
        if (profile is not null) MatrixProfile.TryRead(profile)?.ConvertToSrgb(image);
        var (bytes, sentAs) = Encode(image, request);
        var (width, height) = turned ? (outline.Height, outline.Width) : (outline.Width, outline.Height);
        return new ShrunkImage(bytes, sentAs, image.Width, image.Height, width, height);
    }

    /// <summary>The formats that have a decoder here, and no others.</summary>
    /// <param name="maxMemory">Maximum memory of one image, in bytes.</param>
    internal static Configuration Formats(long maxMemory) => new(
        new JpegConfigurationModule(),
        new PngConfigurationModule(),
        new GifConfigurationModule(),
        new WebpConfigurationModule(),
        new BmpConfigurationModule())
    {
        MaxDegreeOfParallelism = 1,
        PreferContiguousImageBuffers = false,
        MemoryAllocator = MemoryAllocator.Create(new MemoryAllocatorOptions { AllocationLimitMegabytes = (int)(maxMemory >> 20) }),
    };

    private static IImageDecoder DecoderOf(string mediaType) => mediaType switch
    {
        "image/jpeg" => new JpegDecoder(),
        "image/png" => new PngDecoder(),
        "image/gif" => new GifDecoder { DecodingMode = FrameDecodingMode.First },
        "image/webp" => new WebpDecoder(),
        "image/bmp" => new BmpDecoder(),
        _ => throw new ArgumentOutOfRangeException(nameof(mediaType), mediaType, null),
    };

    /// <returns>The first frame on its canvas; null if ImageSharp sees another size than the outline.</returns>
    private static Image<Rgba32>? Decode(Configuration formats, string mediaType, Stream file, ImageOutline outline)
    {
        var animation = mediaType == "image/webp" ? WebpFile.FirstFrame(file) : null;
        file.Position = 0;
        var image = DecoderOf(mediaType).Decode<Rgba32>(formats, animation?.Still ?? file, CancellationToken.None);
        if (animation is var (_, x, y) && (image.Width, image.Height) != (outline.Width, outline.Height)) PutOnCanvas(image, x, y, outline);
        if ((image.Width, image.Height) == (outline.Width, outline.Height)) return image;
        image.Dispose();
        return null;
    }

    private static void PutOnCanvas(Image<Rgba32> frame, int x, int y, ImageOutline canvas) => frame.Mutate(i => i.Resize(new ResizeOptions
    {
        Size = new Size(canvas.Width, canvas.Height),
        Mode = ResizeMode.Manual,
        TargetRectangle = new Rectangle(x, y, frame.Width, frame.Height),
        Sampler = KnownResamplers.NearestNeighbor,
        PadColor = Color.Transparent,
    }));

    private static (byte[] Bytes, string MediaType) Encode(Image<Rgba32> image, ShrinkRequest request)
    {
        var (usesAlpha, isFlat) = Look(image, request.FlatShare);

        // The same pixels must give the same bytes, whatever print resolution the original states.
        var metadata = image.Metadata;
        (metadata.ResolutionUnits, metadata.HorizontalResolution, metadata.VerticalResolution) = (PixelResolutionUnit.AspectRatio, 1, 1);
        (metadata.ExifProfile, metadata.IccProfile, metadata.IptcProfile, metadata.XmpProfile) = (null, null, null, null);
        var png = usesAlpha || isFlat
            ? Save(new PngEncoder
            {
                ColorType = usesAlpha ? PngColorType.RgbWithAlpha : PngColorType.Rgb,
                BitDepth = PngBitDepth.Bit8,
                FilterMethod = PngFilterMethod.Adaptive,
                InterlaceMethod = PngInterlaceMode.None,
                IgnoreMetadata = true,
            })
            : null;
        var jpeg = usesAlpha ? null : Save(new JpegEncoder { Quality = request.JpegQuality, ColorType = JpegColorType.YCbCrRatio420 });
        return jpeg is null || png?.Length <= jpeg.Length ? (png!, "image/png") : (jpeg, "image/jpeg");

        byte[] Save(IImageEncoder encoder)
        {
            using var bytes = new MemoryStream();
            image.Save(bytes, encoder);
            return bytes.ToArray();
        }
    }

    /// <returns>Whether any pixel uses alpha, and whether enough pixels equal their left neighbour for the image to count as flat.</returns>
    private static (bool UsesAlpha, bool IsFlat) Look(Image<Rgba32> image, double flatShare)
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
        return (usesAlpha, same >= flatShare * pairs && flatShare <= 1);
    }

    private static bool IsShortOfMemory(Exception? fault) => fault switch
    {
        null => false,
        OutOfMemoryException or InvalidMemoryOperationException => true,
        _ => IsShortOfMemory(fault.InnerException),
    };

    /// <summary>
    /// Whether a fault is due to the file. On invalid data, decoders fail with many kinds of exceptions, not only with their own.
    /// </summary>
    private static bool IsOfTheFile(Exception fault) => fault is
        ImageFormatException or ImageProcessingException or InvalidDataException or EndOfStreamException
        or NotSupportedException or NotImplementedException or ArgumentException or IndexOutOfRangeException or OverflowException
        or DivideByZeroException or NullReferenceException or InvalidOperationException or InvalidCastException;
}
