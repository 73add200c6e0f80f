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

    /// <summary>All words. Where speakers are told apart, a line for each time that one of them speaks, which begins with the name.</summary>
    public string Text => Segments.Any(s => s.Speaker is not null)
        ? string.Join('\n', Turns().Select(turn => turn.Speaker is null ? turn.Text : $"{turn.Speaker}: {turn.Text}"))
        : string.Join(' ', Segments.Select(s => s.Text.Trim()).Where(t => t.Length > 0));

    private IEnumerable<(string? Speaker, string Text)> Turns()
    {
        var said = new List<string>();
        foreach (var (index, segment) in Segments.Index())
        {
            said.Add(segment.Text.Trim());
            if (index < Segments.Count - 1 && Segments[index + 1].Speaker == segment.Speaker) continue;
            yield return (segment.Speaker, string.Join(' ', said.Where(text => text.Length > 0)));
            said.Clear();
        }
    }
}

/// <summary>A stretch of speech. Times are seconds from the start of the transcribed recording or piece.</summary>
/// <param name="StartSeconds">When it begins, in seconds.</param>
/// <param name="EndSeconds">When it ends, in seconds.</param>
/// <param name="Text">What is said.</param>
/// <param name="Speaker">
/// Who says it; null if nobody was asked to tell speakers apart. In the transcript of a piece it is the engine's label, which holds for that piece
/// alone.
/// </param>
public sealed record TranscriptSegment(
    double StartSeconds,
    double EndSeconds,
    string Text,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Speaker = null);
