using System.Runtime.InteropServices;
using System.Text.Json;
using ImageMagick;

namespace MultiModal.Decoder.Images;

/// <summary>Reads what libvips' prebuilt library cannot: HEVC-coded HEIC, which iPhones write, and BMP.</summary>
internal static class ImageDecoder
{
    /// <summary>What a pixel takes while it is decoded. Measured: a HEIC of 48 megapixels peaks 430 MB above an idle process.</summary>
    private const int BytesPerPixel = 9;

    /// <summary>Writes the pixels to a file and what they mean to standard output.</summary>
    public static DecoderExit Run(string format, string path, string pixelPath, long maxPixels, long maxMemory)
    {
        if (format == nameof(MagickFormat.Heic) && IsoBoxes.AreCutShort(path)) return DecoderExit.Damaged;
        MagickProcess.Start(Path.GetDirectoryName(pixelPath)!, read: ["HEIC", "BMP"]);

        // HEIC's own orientation is applied by its decoder; the EXIF one beside it says the same again and must not count
        // twice. Of a sequence only the first frame is read.
        var settings = new MagickReadSettings { Format = Enum.Parse<MagickFormat>(format), SyncImageWithExifProfile = false, FrameIndex = 0, FrameCount = 1 };
        try
        {
            using var image = new MagickImage();
            image.Ping(path, settings);
            if ((long)image.Width * image.Height > maxPixels)
            {
                Write(new DecodedImage((int)image.Width, (int)image.Height, 0, null));
                return DecoderExit.TooLarge;
            }

            // Short of memory, libheif says as often as not that the data are bad: known beforehand it is told apart.
            if (Environment.WorkingSet + ((long)image.Width * image.Height * BytesPerPixel) > maxMemory) return DecoderExit.OutOfMemory;

            // Short of data, the coder only warns and leaves the rest black.
            image.Warning += static (_, warning) => throw warning.Exception;
            image.Read(path, settings);
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
