using System.ComponentModel.DataAnnotations;

namespace MultiModal.Pipeline.Images;

/// <summary>Configuration section <c>Images</c>: how images are shrunk, and which are accepted.</summary>
public sealed class ImageOptions
{
    public const string Section = "Images";

    internal const string NetVips = "NetVips";
    internal const string ImageSharp = "ImageSharp";

    /// <summary>The library that shrinks images. ImageSharp is managed code, and it reads only JPEG, PNG, GIF, WebP and BMP.</summary>
    [Required, RegularExpression("^(NetVips|ImageSharp)$", ErrorMessage = "Images:Engine must be NetVips or ImageSharp.")]
    public string Engine { get; set; } = NetVips;

    /// <summary>
    /// Whether images are shrunk. If false, they are sent in full size (turned upright, as JPEG or PNG), whatever <see cref="MaxEdge"/> and a batch's
    /// <c>maxEdge</c> say. This is expensive, and providers refuse what is beyond their limits. Use it to find out what optimizing saves.
    /// </summary>
    public bool Optimize { get; set; } = true;

    /// <summary>Long edge of the images that are sent, in pixels.</summary>
    [Range(64, 8192, ErrorMessage = "Images:MaxEdge must be from 64 to 8192 pixels.")]
    public int MaxEdge { get; set; } = 1024;

    /// <summary>Detail in which images are sent. <c>auto</c> is low detail where high detail would show the model nothing more.</summary>
    [Required, RegularExpression("^(auto|low|high)$", ErrorMessage = "Images:Detail must be auto, low or high.")]
    public string Detail { get; set; } = ImageDetail.Auto;

    /// <summary>Largest <c>maxEdge</c> that a batch can ask for, in pixels. <see cref="MaxEdge"/> is always allowed.</summary>
    [Range(64, 8192, ErrorMessage = "Images:MaxEdgeCeiling must be from 64 to 8192 pixels.")]
    public int MaxEdgeCeiling { get; set; } = 8192;

    /// <summary>
    /// Highest <c>detail</c> that a batch can ask for. In rising order, they are <c>low</c>, <c>auto</c> and <c>high</c>. <see cref="Detail"/> is
    /// always allowed.
    /// </summary>
    [Required, RegularExpression("^(low|auto|high)$", ErrorMessage = "Images:DetailCeiling must be low, auto or high.")]
    public string DetailCeiling { get; set; } = ImageDetail.High;

    /// <summary>
    /// Whether an image with text is sent so large, in such detail, or in so many tiles, that the text can be read, whatever <see cref="MaxEdge"/>,
    /// <see cref="Detail"/> and a batch's wishes say. Images without text, and those whose text can be read anyway, are sent as without this setting.
    /// </summary>
    public bool Legible { get; set; } = true;

    /// <summary>
    /// Input tokens that an image, or a page of a document, may cost at most to make its text legible, in all of its tiles together. Text that needs
    /// more stays as small as this makes it, and the report says so. It applies to models whose image tokens are published.
    /// </summary>
    [Range(1, 10_000_000, ErrorMessage = "Images:MaxTokens must be from 1 to 10,000,000.")]
    public int MaxTokens { get; set; } = 32_000;

    /// <summary>
    /// Whether a picture that is the same as an earlier one of its batch, encoded or resized differently, gets that one's answer and is not paid for.
    /// All pictures of a batch are then shrunk and compared before a model is asked about the first of them.
    /// </summary>
    public bool NearDuplicates { get; set; }

    /// <summary>Largest original that is decoded, in pixels (width times height).</summary>
    [Range(1L, 2_000_000_000L, ErrorMessage = "Images:MaxPixels must be from 1 to 2,000,000,000.")]
    public long MaxPixels { get; set; } = 200_000_000;

    /// <summary>Pages of a TIFF that are looked at. If there are more, the report says so.</summary>
    [Range(1, 10_000, ErrorMessage = "Images:MaxPages must be from 1 to 10,000.")]
    public int MaxPages { get; set; } = 50;

    /// <summary>
    /// Largest number of frames of an animation, or pages of a TIFF. Of an animation, only the first one is ever decoded, and the others are only counted.
    /// </summary>
    [Range(1, 10_000_000, ErrorMessage = "Images:MaxFrames must be from 1 to 10,000,000.")]
    public int MaxFrames { get; set; } = 10_000;

    /// <summary>
    /// Whether the readable part of a truncated or damaged JPEG, PNG or GIF is looked at, with a note, instead of failing it. Only libvips can do
    /// this.
    /// </summary>
    public bool PartialDecode { get; set; }

    /// <summary>Largest original file, in bytes.</summary>
    [Range(1L, 8L << 30, ErrorMessage = "Images:MaxBytes must be from 1 byte to 8 GiB.")]
    public long MaxBytes { get; set; } = 512L << 20;

    /// <summary>Quality of the JPEGs that are sent.</summary>
    [Range(1, 100, ErrorMessage = "Images:JpegQuality must be from 1 to 100.")]
    public int JpegQuality { get; set; } = 85;
}
