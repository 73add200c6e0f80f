using NetVips;

namespace MultiModal.Pipeline.Images;

/// <summary>The pixels of a picture as it is sent.</summary>
internal sealed class SentPixels
{
    /// <summary>Pixels of a picture that is compared at most: what <c>Images:Optimize=false</c> sends may be larger than memory allows.</summary>
    public const long MostPixels = 16_000_000;

    private readonly byte[] pixels;
    private readonly Lazy<bool> hasSmallText;

    private SentPixels(byte[] pixels, int width, int height)
    {
        (this.pixels, Width, Height) = (pixels, width, height);
        hasSmallText = new Lazy<bool>(FindSmallText);
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Bytes that it takes in memory.</summary>
    public int Bytes => pixels.Length;

    /// <returns>
    /// The pixels; null for a picture that can be seen through, which has no colours of its own, and for one that is too large or damaged.
    /// </returns>
    public static SentPixels? Read(BinaryData sent)
    {
        ArgumentNullException.ThrowIfNull(sent);
        _ = Libvips.Version;
        try
        {
            using var image = Image.NewFromBuffer(sent.ToArray());
            if (image.HasAlpha() || (long)image.Width * image.Height > MostPixels) return null;
            using var coloured = image.Colourspace(Enums.Interpretation.Srgb);
            using var bytes = coloured.Cast(Enums.BandFormat.Uchar);
            return bytes.Bands == PictureLikeness.Bands ? new SentPixels(bytes.WriteToMemory<byte>(), bytes.Width, bytes.Height) : null;
        }
        catch (VipsException)
        {
            return null;
        }
    }

    /// <summary>The sketch of the picture.</summary>
    public byte[] Sketch() => PictureSketch.Of(pixels, Width, Height);

    /// <summary>How far two pictures differ, if they are the same one, encoded or resized differently; null if they are not.</summary>
    public double? DistanceTo(SentPixels other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (LimitTo(other, hasSmallText: false) is not { } most) return null;
        var (width, height) = Width <= other.Width ? (Width, Height) : (other.Width, other.Height);
        var distance = PictureLikeness.Distance(InSize(width, height), other.InSize(width, height), width, height, most);
        if (distance > most) return null;

        // Text is looked for last, because it takes the longest. The larger picture shows how large it is.
        var hasSmall = Width >= other.Width ? hasSmallText.Value : other.hasSmallText.Value;
        return LimitTo(other, hasSmall) is { } limit && distance <= limit ? distance : null;
    }

    private double? LimitTo(SentPixels other, bool hasSmallText) =>
        PictureLikeness.Limit((Width, Height), (other.Width, other.Height), hasSmallText);

    private byte[] InSize(int width, int height)
    {
        if (Width == width && Height == height) return pixels;
        using var image = ToImage();
        using var shrunk = image.ThumbnailImage(width, height, Enums.Size.Force);
        return shrunk.WriteToMemory<byte>();
    }

    private bool FindSmallText()
    {
        using var image = ToImage();
        return TextMeter.Measure(image) is { Letters: > 0, Height: < PictureLikeness.SmallText };
    }

    private Image ToImage()
    {
        using var bare = Image.NewFromMemory(pixels, Width, Height, PictureLikeness.Bands, Enums.BandFormat.Uchar);
        return bare.Copy(interpretation: Enums.Interpretation.Srgb);
    }
}
