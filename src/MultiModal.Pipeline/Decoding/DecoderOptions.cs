using System.ComponentModel.DataAnnotations;

namespace MultiModal.Pipeline.Decoding;

/// <summary>Configuration section <c>Decoder</c>: the process of its own in which HEIC, BMP and PDF files are read.</summary>
public sealed class DecoderOptions
{
    public const string Section = "Decoder";

    /// <summary>Memory of one such process, in MiB; a file that needs more fails. Default 1,024: a HEIC of 48 megapixels takes 500.</summary>
    [Range(128, 65_536, ErrorMessage = "Decoder:MaxMegabytes is 128 to 65,536.")]
    public int MaxMegabytes { get; set; } = 1024;

    /// <summary>Time for one file, in seconds. Default 120.</summary>
    [Range(1, 3600, ErrorMessage = "Decoder:TimeoutSeconds is 1 to 3,600.")]
    public int TimeoutSeconds { get; set; } = 120;

    /// <summary>Such processes at a time. Default 2.</summary>
    [Range(1, 64, ErrorMessage = "Decoder:MaxConcurrency is 1 to 64.")]
    public int MaxConcurrency { get; set; } = 2;
}
