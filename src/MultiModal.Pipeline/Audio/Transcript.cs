using System.Text.Json.Serialization;

namespace MultiModal.Pipeline.Audio;

/// <summary>The words of a recording, in order.</summary>
/// <param name="Segments">Segments in ascending order of start; they never overlap.</param>
/// <param name="Language">ISO 639-1 code of the language spoken; null where the engine does not report it.</param>
/// <param name="Uncertain">True if the engine does not trust what it heard: the words may not be what was said.</param>
public sealed record Transcript(
    IReadOnlyList<TranscriptSegment> Segments,
    string? Language,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Uncertain = false)
{
    public static Transcript Empty { get; } = new([], null);

    public string Text => string.Join(' ', Segments.Select(s => s.Text.Trim()).Where(t => t.Length > 0));
}

/// <summary>A stretch of speech. Times are seconds from the start of the transcribed recording or piece.</summary>
/// <param name="StartSeconds">When it begins, in seconds.</param>
/// <param name="EndSeconds">When it ends, in seconds.</param>
/// <param name="Text">What is said.</param>
/// <param name="Speaker">
/// Who says it; null if nobody was asked to tell speakers apart. In the transcript of a piece it is the engine's label, which holds for that piece alone.
/// </param>
public sealed record TranscriptSegment(
    double StartSeconds,
    double EndSeconds,
    string Text,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Speaker = null);
