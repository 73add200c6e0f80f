using MultiModal.Decoder.Images;
using NetVips;

namespace MultiModal.Pipeline.Images;

/// <summary>Pixels that the decoder process wrote to a file, as an image of libvips, which maps the file and holds no pixels in memory.</summary>
internal static class PixelFile
{
    public static T Use<T>(string path, DecodedImage decoded, Func<Image, T> use)
    {
        using var bare = Image.Rawload(
            path, decoded.Width, decoded.Height, decoded.Channels, format: Enums.BandFormat.Uchar, interpretation: Enums.Interpretation.Srgb);
        using var tagged = decoded.Profile is { } profile
            ? bare.Mutate(mutable => mutable.Set(GValue.BlobType, "icc-profile-data", profile))
            : bare.Copy();
        return use(tagged);
    }
}
