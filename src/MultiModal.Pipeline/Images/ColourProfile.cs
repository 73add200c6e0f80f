using NetVips;

namespace MultiModal.Pipeline.Images;

/// <summary>The colour profile that is embedded in an image.</summary>
internal static class ColourProfile
{
    private const string Embedded = "icc-profile-data";

    /// <summary>Length of the profile "sRGB IEC61966-2.1" of 1998, which most cameras and programs embed for sRGB.</summary>
    private const int StandardLength = 3144;

    private static ReadOnlySpan<byte> StandardName => "sRGB IEC61966-2.1"u8;

    /// <summary>Whether the image has a profile of colours other than sRGB.</summary>
    public static bool IsOther(Image image) => image.Contains(Embedded) && !IsStandard((byte[])image.Get(Embedded));

    private static bool IsStandard(ReadOnlySpan<byte> profile) => profile.Length == StandardLength && profile.IndexOf(StandardName) >= 0;
}
