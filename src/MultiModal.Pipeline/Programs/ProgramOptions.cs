using System.ComponentModel.DataAnnotations;

namespace MultiModal.Pipeline.Programs;

/// <summary>Configuration section <c>Programs</c>: ffmpeg, ffprobe, tesseract, pocketsphinx and pdftoppm.</summary>
public sealed class ProgramOptions
{
    public const string Section = "Programs";

    /// <summary>
    /// Memory of one such program, in MiB. A file that needs more fails. Only Linux enforces it. A recording needs 50, an image 100.
    /// </summary>
    [Range(128, 65_536, ErrorMessage = "Programs:MaxMegabytes must be from 128 to 65,536.")]
    public int MaxMegabytes { get; set; } = 1024;
}
