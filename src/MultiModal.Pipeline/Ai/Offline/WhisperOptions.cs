using System.ComponentModel.DataAnnotations;

namespace MultiModal.Pipeline.Ai.Offline;

/// <summary>Configuration section <c>Whisper</c>: how recordings are transcribed by a Whisper model on this machine.</summary>
public sealed class WhisperOptions
{
    public const string Section = "Whisper";

    /// <summary>
    /// The file of the model, in whisper.cpp's format (<c>ggml-base.bin</c>). Where it is set and no engine is chosen for speech, recordings are
    /// transcribed by it.
    /// </summary>
    public string? ModelPath { get; set; }

    /// <summary>
    /// Threads for one piece of a recording. Pieces are transcribed side by side, one for each of <c>Pipeline:CpuPlaces</c>, so that one thread keeps
    /// all of them busy.
    /// </summary>
    [Range(1, 64, ErrorMessage = "Whisper:Threads must be from 1 to 64.")]
    public int Threads { get; set; } = 1;

    /// <summary>
    /// Time at work (CPU time) after which a piece is given up, in seconds for each second of sound. A large model needs more than a small one.
    /// </summary>
    [Range(1.0, 3600.0, ErrorMessage = "Whisper:WorkSecondsPerSecond must be from 1 to 3,600.")]
    public double WorkSecondsPerSecond { get; set; } = 60;
}
