using System.ComponentModel.DataAnnotations;

namespace MultiModal.Pipeline.Decoding;

/// <summary>Configuration section <c>Decoder</c>: the process of its own in which HEIC, BMP, PDF and HTML files are read.</summary>
public sealed class DecoderOptions
{
    public const string Section = "Decoder";

    /// <summary>Memory of one decoder process, in MiB. A file that needs more fails. A HEIC of 48 megapixels needs 500.</summary>
    [Range(128, 65_536, ErrorMessage = "Decoder:MaxMegabytes must be from 128 to 65,536.")]
    public int MaxMegabytes { get; set; } = 1024;

    /// <summary>Time for one file, in seconds.</summary>
    [Range(1, 3600, ErrorMessage = "Decoder:TimeoutSeconds must be from 1 to 3,600.")]
    public int TimeoutSeconds { get; set; } = 120;

    /// <summary>Number of decoder processes at a time.</summary>
    [Range(1, 64, ErrorMessage = "Decoder:MaxConcurrency must be from 1 to 64.")]
    public int MaxConcurrency { get; set; } = 2;
}
