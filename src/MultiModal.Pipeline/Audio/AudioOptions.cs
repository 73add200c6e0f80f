using System.ComponentModel.DataAnnotations;

namespace MultiModal.Pipeline.Audio;

/// <summary>Configuration section <c>Audio</c>: how recordings are cut, and which are accepted.</summary>
public sealed class AudioOptions : IValidatableObject
{
    public const string Section = "Audio";

    /// <summary>Target length of the pieces that a recording is cut into, in seconds. The limits of an engine can make them shorter.</summary>
    [Range(10, 7200, ErrorMessage = "Audio:ChunkSeconds must be from 10 to 7200.")]
    public int ChunkSeconds { get; set; } = 600;

    /// <summary>
    /// Smallest <c>chunkSeconds</c> that a batch can ask for. More pieces are more requests. <see cref="ChunkSeconds"/> is always allowed.
    /// </summary>
    [Range(30, 3600, ErrorMessage = "Audio:ChunkSecondsFloor must be from 30 to 3600.")]
    public int ChunkSecondsFloor { get; set; } = 30;

    /// <summary>
    /// Target length of the pieces for a speech engine that does not say when each sentence was spoken, in seconds. Captions are the more exact, and
    /// requests the more, the shorter the pieces are.
    /// </summary>
    [Range(10, 600, ErrorMessage = "Audio:UntimedChunkSeconds must be from 10 to 600.")]
    public int UntimedChunkSeconds { get; set; } = 30;

    /// <summary>Whether silence at the ends and long pauses are left out, because duration is what is billed.</summary>
    public bool TrimSilence { get; set; } = true;

    /// <summary>What is at most this much louder than the recording's own noise still counts as silence, in dB.</summary>
    [Range(1.0, 30.0, ErrorMessage = "Audio:SilenceMarginDb must be from 1 to 30 dB.")]
    public double SilenceMarginDb { get; set; } = 8;

    /// <summary>Everything below this level is silence, in dBFS.</summary>
    [Range(-95.0, 0.0, ErrorMessage = "Audio:SilenceFloorDb must be from -95 to 0 dBFS.")]
    public double SilenceFloorDb { get; set; } = -60;

    /// <summary>Nothing above this level is silence, however loud the noise of the recording is, in dBFS.</summary>
    [Range(-95.0, 0.0, ErrorMessage = "Audio:SilenceCeilingDb must be from -95 to 0 dBFS.")]
    public double SilenceCeilingDb { get; set; } = -35;

    /// <summary>
    /// How speech is told from other sound: by a small neural network (<c>Model</c>), or by its level alone (<c>Level</c>). Level is also used where
    /// the network's file is missing.
    /// </summary>
    public SpeechActivityMethod SpeechActivity { get; set; } = SpeechActivityMethod.Model;

    /// <summary>A recording has no speech if its loudest third of a second is below this level, in dBFS.</summary>
    [Range(-95.0, 0.0, ErrorMessage = "Audio:SpeechFloorDb must be from -95 to 0 dBFS.")]
    public double SpeechFloorDb { get; set; } = -75;

    /// <summary>Pauses up to this length are sent whole, in seconds. Longer ones are shortened.</summary>
    [Range(0.5, 60.0, ErrorMessage = "Audio:LongestPauseSeconds must be from 0.5 to 60.")]
    public double LongestPauseSeconds { get; set; } = 2;

    /// <summary>Silence that is kept before and after speech where a pause is shortened, in seconds, because it contains soft consonants.</summary>
    [Range(0.1, 5.0, ErrorMessage = "Audio:KeptSilenceSeconds must be from 0.1 to 5.")]
    public double KeptSilenceSeconds { get; set; } = 0.4;

    /// <summary>Longest recording that is accepted, in seconds. Six hours need about 0.7 GB of temporary space.</summary>
    [Range(1, 172_800, ErrorMessage = "Audio:MaxSeconds must be from 1 to 172,800 (two days).")]
    public int MaxSeconds { get; set; } = 21_600;

    /// <summary>Largest recording that is accepted, in bytes.</summary>
    [Range(1L, 1L << 40, ErrorMessage = "Audio:MaxBytes must be from 1 byte to 1 TiB.")]
    public long MaxBytes { get; set; } = 4L << 30;

    /// <summary>Longest time for decoding a recording, in seconds.</summary>
    [Range(1, 86_400, ErrorMessage = "Audio:DecodeTimeoutSeconds must be from 1 to 86,400.")]
    public int DecodeTimeoutSeconds { get; set; } = 1800;

    /// <summary>The ffmpeg program: a path, or a name that is looked up in <c>PATH</c>.</summary>
    [Required(ErrorMessage = "Audio:FfmpegPath must be the name or the path of the ffmpeg program.")]
    public string FfmpegPath { get; set; } = "ffmpeg";

    /// <summary>The ffprobe program, which is installed with ffmpeg.</summary>
    [Required(ErrorMessage = "Audio:FfprobePath must be the name or the path of the ffprobe program.")]
    public string FfprobePath { get; set; } = "ffprobe";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (SilenceFloorDb > SilenceCeilingDb)
            yield return new ValidationResult("Audio:SilenceFloorDb must not be above Audio:SilenceCeilingDb.", [nameof(SilenceFloorDb)]);
        if (2 * KeptSilenceSeconds > LongestPauseSeconds)
            yield return new ValidationResult(
                "Audio:KeptSilenceSeconds must be at most half of Audio:LongestPauseSeconds.", [nameof(KeptSilenceSeconds)]);
    }
}

/// <summary>How speech is told from other sound.</summary>
public enum SpeechActivityMethod
{
    /// <summary>By its level: what is louder than the recording's noise is taken for speech.</summary>
    Level,

    /// <summary>By a neural network, where its file is installed.</summary>
    Model,
}
