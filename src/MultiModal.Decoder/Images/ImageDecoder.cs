using System.Runtime.InteropServices;
using System.Text.Json;
using ImageMagick;
using ImageMagick.Configuration;

namespace MultiModal.Decoder.Images;

/// <summary>
/// Reads what libvips' prebuilt library cannot: HEVC-coded HEIC, which iPhones write, and BMP. ImageMagick has a long
/// history of vulnerable coders; here its policy lets it read these two formats and nothing else, run no other program
/// and write no file, and it is told the format instead of guessing it.
/// </summary>
internal static class ImageDecoder
{
    private const string OnlyTheseFormats = """
        <policymap>
          <policy domain="delegate" rights="none" pattern="*"/>
          <policy domain="filter" rights="none" pattern="*"/>
          <policy domain="path" rights="none" pattern="@*"/>
          <policy domain="coder" rights="none" pattern="*"/>
          <policy domain="coder" rights="read" pattern="{HEIC,BMP}"/>
          <policy domain="resource" name="disk" value="0"/>
          <policy domain="resource" name="map" value="0"/>
        </policymap>
        """;

    /// <summary>What a pixel takes while it is decoded. Measured: a HEIC of 48 megapixels peaks 430 MB above an idle process.</summary>
    private const int BytesPerPixel = 9;

    /// <summary>Writes the pixels to a file and what they mean to standard output.</summary>
    public static DecoderExit Run(string format, string path, string pixelPath, long maxPixels, long maxMemory)
    {
        Start(Path.GetDirectoryName(pixelPath)!);
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

    private static void Start(string folder)
    {
        var files = ConfigurationFiles.Default;
        files.Policy.Data = OnlyTheseFormats;
        MagickNET.Initialize(files, Directory.CreateDirectory(Path.Combine(folder, "magick")).FullName);
        // The policy is read with the first question about resources, and then held.
        ResourceLimits.Thread = 1;
        if (ResourceLimits.Disk != 0) throw new InvalidOperationException("ImageMagick did not take its policy.");
    }
}
