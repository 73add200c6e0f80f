using ImageMagick;
using ImageMagick.Configuration;
using NetVips;

namespace MultiModal.Pipeline.Images;

/// <summary>
/// Reads what libvips' prebuilt library cannot: HEVC-coded HEIC, which iPhones write, and BMP. ImageMagick has a long
/// history of vulnerable coders; here its policy lets it read these two formats and nothing else, run no other program
/// and write no file, and it is told the format instead of guessing it.
/// </summary>
internal static class Magick
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

    private static readonly Lazy<string> Started = new(Start);

    /// <summary><c>ImageMagick 7.1.2-8</c>. Asking for it starts ImageMagick.</summary>
    public static string Version => Started.Value;

    /// <exception cref="MagickException">The header cannot be read.</exception>
    public static ImageHeader Header(string filePath, MagickFormat format)
    {
        using var image = new MagickImage();
        image.Ping(filePath, As(format));
        return new ImageHeader((int)image.Width, (int)image.Height, Note: null, IsHeldWhole: true);
    }

    /// <summary>Decodes, and lends the pixels to <paramref name="use"/>: sRGB or what the embedded profile says, 8 bits, alpha last.</summary>
    /// <exception cref="MagickException">The image is damaged.</exception>
    public static T Decode<T>(string filePath, MagickFormat format, Func<Image, T> use)
    {
        using var image = new MagickImage();
        // Short of data, the coder only warns and leaves the rest black.
        image.Warning += static (_, warning) => throw warning.Exception;
        image.Read(filePath, As(format));
        var profile = image.GetColorProfile()?.ToByteArray();
        image.ClassType = ClassType.Direct;
        image.ColorSpace = ColorSpace.sRGB;
        using var pixels = image.GetPixelsUnsafe();
        var size = (ulong)image.Width * image.Height * image.ChannelCount;
        using var bare = Image.NewFromMemory(pixels.GetAreaPointer(0, 0, image.Width, image.Height), size, (int)image.Width, (int)image.Height, (int)image.ChannelCount, Enums.BandFormat.Uchar);
        using var colours = bare.Copy(interpretation: Enums.Interpretation.Srgb);
        using var tagged = profile is null ? colours.Copy() : colours.Mutate(mutable => mutable.Set(GValue.BlobType, "icc-profile-data", profile));
        return use(tagged);
    }

    // HEIC's own orientation is applied by its decoder; the EXIF one beside it says the same again and must not count twice.
    private static MagickReadSettings As(MagickFormat format) => new() { Format = format, SyncImageWithExifProfile = false };

    private static string Start()
    {
        var files = ConfigurationFiles.Default;
        files.Policy.Data = OnlyTheseFormats;
        var folder = Directory.CreateTempSubdirectory("multimodal-magick-");
        try
        {
            MagickNET.Initialize(files, folder.FullName);
            // The policy is read with the first question about resources, and then held.
            ResourceLimits.Thread = 1;
            return ResourceLimits.Disk == 0
                ? $"ImageMagick {MagickNET.ImageMagickVersion.Split(' ')[1]}"
                : throw new InvalidOperationException("ImageMagick did not take its policy.");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
