using System.ComponentModel.DataAnnotations;

namespace MultiModal.Pipeline.Audio;

/// <summary>Configuration section <c>Audio</c>.</summary>
public sealed class AudioOptions : IValidatableObject
{
    public const string Section = "Audio";

    /// <summary>Target length of the pieces a recording is cut into, in seconds; an engine's own limits cut it shorter. Default 600.</summary>
    [Range(10, 7200, ErrorMessage = "Audio:ChunkSeconds is 10 to 7200.")]
    public int ChunkSeconds { get; set; } = 600;

    /// <summary>Leave out silence at the ends and long pauses: duration is what is billed. Default true.</summary>
    public bool TrimSilence { get; set; } = true;

    /// <summary>What lies this little above the recording's own noise still counts as silence, in dB. Default 8.</summary>
    [Range(1.0, 30.0, ErrorMessage = "Audio:SilenceMarginDb is 1 to 30 dB.")]
    public double SilenceMarginDb { get; set; } = 8;

    /// <summary>Anything below this level is silence, in dBFS. Default -60.</summary>
    [Range(-95.0, 0.0, ErrorMessage = "Audio:SilenceFloorDb is -95 to 0 dBFS.")]
    public double SilenceFloorDb { get; set; } = -60;

    /// <summary>Nothing above this level is silence, however loud the recording's noise is, in dBFS. Default -35.</summary>
    [Range(-95.0, 0.0, ErrorMessage = "Audio:SilenceCeilingDb is -95 to 0 dBFS.")]
    public double SilenceCeilingDb { get; set; } = -35;

    /// <summary>A recording whose loudest third of a second stays below this level has no speech, in dBFS. Default -50.</summary>
    [Range(-95.0, 0.0, ErrorMessage = "Audio:SpeechFloorDb is -95 to 0 dBFS.")]
    public double SpeechFloorDb { get; set; } = -50;

    /// <summary>Pauses up to this length are sent whole, in seconds; longer ones are shortened. Default 2.</summary>
    [Range(0.5, 60.0, ErrorMessage = "Audio:LongestPauseSeconds is 0.5 to 60.")]
    public double LongestPauseSeconds { get; set; } = 2;

    /// <summary>Silence kept before and after speech where a pause is shortened, in seconds: soft consonants lie in it. Default 0.4.</summary>
    [Range(0.1, 5.0, ErrorMessage = "Audio:KeptSilenceSeconds is 0.1 to 5.")]
    public double KeptSilenceSeconds { get; set; } = 0.4;

    /// <summary>Longest recording that is taken, in seconds. Default 21,600 (6 hours; about 0.7 GB of temporary space).</summary>
    [Range(1, 172_800, ErrorMessage = "Audio:MaxSeconds is 1 to 172,800 (two days).")]
    public int MaxSeconds { get; set; } = 21_600;

    /// <summary>Largest file that is taken, in bytes. Default 4 GiB.</summary>
    [Range(1L, 1L << 40, ErrorMessage = "Audio:MaxBytes is 1 byte to 1 TiB.")]
    public long MaxBytes { get; set; } = 4L << 30;

    /// <summary>Longest time that decoding a recording may take, in seconds. Default 1,800.</summary>
    [Range(1, 86_400, ErrorMessage = "Audio:DecodeTimeoutSeconds is 1 to 86,400.")]
    public int DecodeTimeoutSeconds { get; set; } = 1800;

    /// <summary>The ffmpeg program: a path, or a name looked up in <c>PATH</c>. Default <c>ffmpeg</c>.</summary>
    [Required(ErrorMessage = "Audio:FfmpegPath names the ffmpeg program.")]
    public string FfmpegPath { get; set; } = "ffmpeg";

    /// <summary>The ffprobe program that comes with it. Default <c>ffprobe</c>.</summary>
    [Required(ErrorMessage = "Audio:FfprobePath names the ffprobe program.")]
    public string FfprobePath { get; set; } = "ffprobe";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (SilenceFloorDb > SilenceCeilingDb)
            yield return new ValidationResult("Audio:SilenceFloorDb is not above Audio:SilenceCeilingDb.", [nameof(SilenceFloorDb)]);
        if (2 * KeptSilenceSeconds > LongestPauseSeconds)
            yield return new ValidationResult("Audio:KeptSilenceSeconds is at most half of Audio:LongestPauseSeconds.", [nameof(KeptSilenceSeconds)]);
    }
}
