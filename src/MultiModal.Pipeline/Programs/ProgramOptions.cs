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

    /// <summary>
    /// Time at work (CPU time) after which tesseract or pocketsphinx is ended, in seconds, for the smallest file. Waiting for a busy machine does not
    /// count.
    /// </summary>
    [Range(1, 86_400, ErrorMessage = "Programs:WorkSeconds must be from 1 to 86,400.")]
    public int WorkSeconds { get; set; } = 60;

    /// <summary>Time at work that tesseract gets in addition for each megapixel of a picture, in seconds.</summary>
    [Range(0.0, 3600.0, ErrorMessage = "Programs:WorkSecondsPerMegapixel must be from 0 to 3600.")]
    public double WorkSecondsPerMegapixel { get; set; } = 20;

    /// <summary>Time at work that pocketsphinx gets in addition for each second of sound, in seconds.</summary>
    [Range(0.0, 3600.0, ErrorMessage = "Programs:WorkSecondsPerSecond must be from 0 to 3600.")]
    public double WorkSecondsPerSecond { get; set; } = 5;
}
