using System.Globalization;

namespace MultiModal.Pipeline.Images;

/// <summary>The failures that several decoders share.</summary>
internal static class ImageFailures
{
    public static Failure Corrupt() => new(FailureCodes.CorruptImage, "The image is damaged or incomplete. Drop it again, or export it anew.");

    public static Failure TooLarge(int width, int height, long maxPixels) => new(FailureCodes.ImageTooLarge, string.Create(
        CultureInfo.InvariantCulture,
        $"The image has {width} x {height} pixels, more than Images:MaxPixels ({maxPixels:N0}) allows. Export it smaller, or raise the limit."));
}
