using System.ComponentModel.DataAnnotations;

namespace MultiModal.Pipeline.Images;

/// <summary>Configuration section <c>Images</c>.</summary>
public sealed class ImageOptions
{
    public const string Section = "Images";

    /// <summary>The engine that every host has.</summary>
    internal const string NetVips = "NetVips";

    /// <summary><c>NetVips</c> (default), or <c>ImageSharp</c> in a host that was built with it.</summary>
    [Required, RegularExpression("^(NetVips|ImageSharp)$", ErrorMessage = "Images:Engine is NetVips or ImageSharp.")]
    public string Engine { get; set; } = NetVips;

    /// <summary>
    /// False sends images at their full size (turned upright, as JPEG or PNG), whatever <see cref="MaxEdge"/> and a batch's <c>maxEdge</c> say: dear, and
    /// past the provider's own limits refused. For telling what optimising saves. Default true.
    /// </summary>
    public bool Optimize { get; set; } = true;

    /// <summary>Long edge of what is sent, in pixels. Default 1024.</summary>
    [Range(64, 8192, ErrorMessage = "Images:MaxEdge is 64 to 8192 pixels.")]
    public int MaxEdge { get; set; } = 1024;

    /// <summary>
    /// The detail that images are sent with: <c>low</c>, <c>high</c>, or <c>auto</c> (default), which is low where high would
    /// show the model nothing more (<see cref="ImageDetail"/>).
    /// </summary>
    [Required, RegularExpression("^(auto|low|high)$", ErrorMessage = "Images:Detail is auto, low or high.")]
    public string Detail { get; set; } = ImageDetail.Auto;

    /// <summary>Largest original that is decoded, in pixels (width times height). Default 200 million.</summary>
    [Range(1L, 2_000_000_000L, ErrorMessage = "Images:MaxPixels is 1 to 2,000,000,000.")]
    public long MaxPixels { get; set; } = 200_000_000;

    /// <summary>
    /// Most frames of an animation, or pages of a TIFF, of which the first is looked at. Only that one is ever decoded; the others
    /// are gone through to be counted. Default 10,000.
    /// </summary>
    [Range(1, 10_000_000, ErrorMessage = "Images:MaxFrames is 1 to 10,000,000.")]
    public int MaxFrames { get; set; } = 10_000;

    /// <summary>
    /// Look at what can be decoded of a truncated or damaged image instead of failing it; a note says so. Of JPEG, PNG
    /// and GIF, by libvips alone. Default false.
    /// </summary>
    public bool PartialDecode { get; set; }

    /// <summary>Largest original file, in bytes. Default 512 MiB.</summary>
    [Range(1L, 8L << 30, ErrorMessage = "Images:MaxBytes is 1 byte to 8 GiB.")]
    public long MaxBytes { get; set; } = 512L << 20;

    /// <summary>Quality of the JPEGs that are sent, 1 to 100. Default 85.</summary>
    [Range(1, 100, ErrorMessage = "Images:JpegQuality is 1 to 100.")]
    public int JpegQuality { get; set; } = 85;
}
