using System.Globalization;
using System.Text;

namespace MultiModal.Pipeline.Audio;

/// <summary>
/// Captions of a transcript, for players. A long segment becomes several, which share its time by length of text. Who speaks is a voice span in
/// WebVTT, and stands before the text in SubRip.
/// </summary>
public static class Captions
{
    // Broadcasters and streaming services ask for two lines of 42 characters.
    private const int LineLength = 42;
    internal const int CueLength = 2 * LineLength;

    // Players drop a caption without duration.
    private const double ShortestSeconds = 0.001;

    /// <summary>The captions as WebVTT (W3C), media type <c>text/vtt</c>.</summary>
    public static string ToWebVtt(Transcript transcript)
    {
        ArgumentNullException.ThrowIfNull(transcript);
        var vtt = new StringBuilder("WEBVTT\n");
        foreach (var (start, end, text, speaker) in Cues(transcript, isNamed: false))
        {
            vtt.Append(CultureInfo.InvariantCulture, $"\n{Time(start, '.')} --> {Time(end, '.')}\n");
            if (speaker is not null) vtt.Append(CultureInfo.InvariantCulture, $"<v {Escape(speaker)}>");
            vtt.Append(Wrap(text, Escape)).Append('\n');
        }

        return vtt.ToString();

        static string Escape(string line) => line.Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal);
    }

    /// <summary>The captions as SubRip, media type <c>application/x-subrip</c>.</summary>
    public static string ToSubRip(Transcript transcript)
    {
        ArgumentNullException.ThrowIfNull(transcript);
        var srt = new StringBuilder();
        var number = 0;
        foreach (var (start, end, text, _) in Cues(transcript, isNamed: true))
        {
            if (++number > 1) srt.Append('\n');
            srt.Append(CultureInfo.InvariantCulture, $"{number}\n{Time(start, ',')} --> {Time(end, ',')}\n");
            srt.Append(Wrap(text, Plain)).Append('\n');
        }

        return srt.ToString();

        // SubRip has no escape, and players take <…> and {…} for markup.
        static string Plain(string line) => line.Replace('<', '‹').Replace('>', '›').Replace('{', '(').Replace('}', ')');
    }

    /// <param name="transcript">The transcript.</param>
    /// <param name="isNamed">Whether the text of a caption begins with the name of who speaks, because the format has no place for it.</param>
    private static IEnumerable<(double Start, double End, string Text, string? Speaker)> Cues(Transcript transcript, bool isNamed)
    {
        foreach (var segment in transcript.Segments)
        {
            var name = isNamed && segment.Speaker is { } speaker ? $"{speaker}: " : "";
            var text = string.Join(' ', segment.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            var parts = Split(text, CueLength - name.Length);
            var total = parts.Sum(p => p.Length);
            if (total == 0) continue;
            var seconds = Math.Max(ShortestSeconds * parts.Count, segment.EndSeconds - segment.StartSeconds);
            var said = 0;
            foreach (var part in parts)
            {
                var start = segment.StartSeconds + (seconds * said / total);
                said += part.Length;
                yield return (start, segment.StartSeconds + (seconds * said / total), name + part, segment.Speaker);
            }
        }
    }

    private static string Wrap(string text, Func<string, string> write) => string.Join('\n', Split(text, LineLength).Select(write));

    /// <summary>Parts of about equal length, each at most <paramref name="limit"/> where words allow; a longer word is cut.</summary>
    private static List<string> Split(string text, int limit)
    {
        var wanted = Math.Max(1, (text.Length + limit - 1) / limit);
        var even = Math.Min(limit, (text.Length / wanted) + 8);
        var parts = new List<string>();
        var rest = text;
        while (rest.Length > even)
        {
            var space = rest.LastIndexOf(' ', even);
            var cut = space > 0 ? space : SafeCut(rest, limit);
            if (cut >= rest.Length) break;
            parts.Add(rest[..cut]);
            rest = rest[cut..].TrimStart();
        }

        if (rest.Length > 0) parts.Add(rest);
        return parts;
    }

    // A cut never falls between the two halves of a surrogate pair.
    private static int SafeCut(string text, int at) => at < text.Length && char.IsLowSurrogate(text[at]) ? at - 1 : at;

    private static string Time(double seconds, char point)
    {
        var milliseconds = (long)Math.Round(Math.Max(0, seconds) * 1000);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{milliseconds / 3_600_000:00}:{milliseconds / 60_000 % 60:00}:{milliseconds / 1000 % 60:00}{point}{milliseconds % 1000:000}");
    }
}
