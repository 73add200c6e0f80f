using System.Runtime.InteropServices;
using System.Text.Json;
using ImageMagick;

namespace MultiModal.Decoder.Images;

/// <summary>
/// Reads the formats that libvips' prebuilt library cannot: HEVC-coded HEIC, which iPhones write, BMP, and TIFF in Lab or with odd numbers of bits.
/// </summary>
internal static class ImageDecoder
{
    /// <summary>Bytes that a pixel takes during decoding. As measured, a HEIC of 48 megapixels peaks 430 MB above an idle process.</summary>
    private const int BytesPerPixel = 9;

    /// <summary>Writes the pixels to a file and their description to standard output.</summary>
    public static DecoderExit Run(string format, string path, uint page, string pixelPath, long maxPixels, long maxMemory)
    {
        if (format is nameof(MagickFormat.Heic) or nameof(MagickFormat.Avif) && IsoBoxes.AreCutShort(path)) return DecoderExit.Damaged;
        var sizes = format == nameof(MagickFormat.Bmp);
        if (sizes && BmpSizes.AreOfOs2(path)) return DecoderExit.Unsupported;
        MagickProcess.Start(Path.GetDirectoryName(pixelPath)!, read: [format.ToUpperInvariant()]);

        // The decoder applies HEIC's own orientation; the EXIF orientation beside it repeats it and must not be applied again. Only the
        // first frame of a sequence is read.
        var settings =
            new MagickReadSettings { Format = Enum.Parse<MagickFormat>(format), SyncImageWithExifProfile = false, FrameIndex = page, FrameCount = 1 };
        try
        {
            using var image = new MagickImage();
            Use(path, sizes, file => image.Ping(file, settings), file => image.Ping(file, settings));
            if ((long)image.Width * image.Height > maxPixels)
            {
                Write(new DecodedImage((int)image.Width, (int)image.Height, 0, null));
                return DecoderExit.TooLarge;
            }

            // Without enough memory, libheif often reports bad data. A check beforehand tells the two apart.
            if (Environment.WorkingSet + ((long)image.Width * image.Height * BytesPerPixel) > maxMemory) return DecoderExit.OutOfMemory;

            // If data are missing, the coder only warns and leaves the rest black.
            if (format != nameof(MagickFormat.Tiff)) image.Warning += static (_, warning) => throw warning.Exception;
            Use(path, sizes, file => image.Read(file, settings), file => image.Read(file, settings));
            if (format == nameof(MagickFormat.Tiff)) image.AutoOrient();
            image.ClassType = ClassType.Direct;
            image.ColorSpace = ColorSpace.sRGB;
            WritePixels(image, pixelPath);
            Write(new DecodedImage((int)image.Width, (int)image.Height, (int)image.ChannelCount, image.GetColorProfile()?.ToByteArray()));
            return DecoderExit.Done;
        }
        catch (MagickException)
        {
            return DecoderExit.Damaged;
        }
    }

    /// <summary>Uses a file as it is, or with the sizes that it really has.</summary>
    private static void Use(string path, bool sizes, Action<string> whole, Action<Stream> mended)
    {
        if (!sizes)
        {
            whole(path);
            return;
        }

        using var file = BmpSizes.Open(path);
        mended(file);
    }

    private static void WritePixels(MagickImage image, string pixelPath)
    {
        using var pixels = image.GetPixelsUnsafe();
        using var file = new FileStream(pixelPath, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        var row = new byte[(int)image.Width * (int)image.ChannelCount];
        for (var y = 0; y < (int)image.Height; y++)
        {
            Marshal.Copy(pixels.GetAreaPointer(0, y, image.Width, 1), row, 0, row.Length);
            file.Write(row);
        }
    }

    private static void Write(DecodedImage image)
    {
        using var output = Console.OpenStandardOutput();
        JsonSerializer.Serialize(output, image, DecoderJson.Default.DecodedImage);
    }
}

/// <summary>An image whose pixels are in a file: 8 bits a channel, in sRGB or as the profile says, alpha last, no padding.</summary>
/// <param name="Width">Width after orientation is applied, in pixels.</param>
/// <param name="Height">Height after orientation is applied, in pixels.</param>
/// <param name="Channels">Number of channels: 3, or 4 with alpha; 0 if the image was too large to be decoded.</param>
/// <param name="Profile">The embedded colour profile, or null.</param>
public sealed record DecodedImage(int Width, int Height, int Channels, byte[]? Profile);
