using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AzureOpenAISimulator.Speech;

/// <summary>What was said when.</summary>
public sealed partial class TimedTranscript(IReadOnlyList<TimedText> segments)
{
    /// <summary>Spread over a recording: a segment a sentence, each as long as its share of the characters.</summary>
    public static TimedTranscript BySentence(string text, double seconds) =>
        new(Spread([.. SentenceEnd().Split(text).Where(sentence => sentence.Length > 0)], 0, seconds));

    /// <summary>Words dealt out over stretches of sound by their length; over the whole recording where there are none.</summary>
    public static TimedTranscript OverSpans(string text, IReadOnlyList<(double Start, double End)> spans, double seconds)
    {
        var words = Words(text);
        if (spans.Count == 0) return words.Length == 0 ? new([]) : new([new(text, 0, seconds)]);
        var all = spans.Sum(span => span.End - span.Start);
        var segments = new List<TimedText>();
        double heard = 0;
        var dealt = 0;
        foreach (var (start, end) in spans)
        {
            heard += end - start;
            var upTo = (int)Math.Round(words.Length * heard / all);
            if (upTo > dealt) segments.Add(new(string.Join(' ', words[dealt..upTo]), start, end));
            dealt = Math.Max(dealt, upTo);
        }
        return new(segments);
    }

    /// <summary>As whisper writes it; the shape is that of the recordings TimestampsWork.</summary>
    public JsonObject ToVerboseJson(string text, double seconds, string? language, bool withSegments, bool withWords)
    {
        var body = Whole(text, seconds);
        body["language"] = language is null or "en" ? "english" : language;
        if (withSegments)
        {
            body["segments"] = new JsonArray([.. segments.Select((segment, index) => (JsonNode)new JsonObject
            {
                ["id"] = index,
                ["seek"] = 0,
                ["start"] = segment.Start,
                ["end"] = segment.End,
                ["text"] = $" {segment.Text}",
                ["tokens"] = new JsonArray(),
                ["temperature"] = 0.0,
                ["avg_logprob"] = -0.5,
                ["compression_ratio"] = 0.8,
                ["no_speech_prob"] = 0.002,
            })]);
        }
        if (withWords)
        {
            var words = segments.SelectMany(segment => Spread(Words(segment.Text), segment.Start, segment.End));
            body["words"] = new JsonArray([.. words.Select(word => (JsonNode)new JsonObject
            {
                ["word"] = word.Text.Trim('.', ',', '!', '?'),
                ["start"] = word.Start,
                ["end"] = word.End,
            })]);
        }
        return body;
    }

    /// <summary>As gpt-4o-transcribe-diarize writes it (specification of 2026-08-21, <c>TranscriptionDiarizedSegment</c>).</summary>
    /// <param name="text">The whole.</param>
    /// <param name="seconds">Of the recording.</param>
    /// <param name="speaker">Who speaks at a second.</param>
    public JsonObject ToDiarizedJson(string text, double seconds, Func<double, string> speaker)
    {
        var body = Whole(text, seconds);
        body["segments"] = new JsonArray([.. segments.Select((segment, index) => (JsonNode)new JsonObject
        {
            ["type"] = "transcript.text.segment",
            ["id"] = $"seg_{index.ToString(CultureInfo.InvariantCulture)}",
            ["start"] = segment.Start,
            ["end"] = segment.End,
            ["text"] = segment.Text,
            ["speaker"] = speaker(segment.Start),
        })]);
        return body;
    }

    public string ToSrt()
    {
        var srt = new StringBuilder();
        for (var index = 0; index < segments.Count; index++)
        {
            var (text, start, end) = segments[index];
            srt.Append(CultureInfo.InvariantCulture, $"{index + 1}\n{Clock(start, ',')} --> {Clock(end, ',')}\n{text}\n\n");
        }
        return srt.Append('\n').ToString();
    }

    public string ToVtt()
    {
        var vtt = new StringBuilder("WEBVTT\n\n");
        foreach (var (text, start, end) in segments)
        {
            vtt.Append(CultureInfo.InvariantCulture, $"{Clock(start, '.')} --> {Clock(end, '.')}\n{text}\n\n");
        }
        return vtt.ToString();
    }

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static JsonObject Whole(string text, double seconds) => new() { ["task"] = "transcribe", ["duration"] = seconds, ["text"] = text };

    private static List<TimedText> Spread(IReadOnlyList<string> pieces, double from, double to)
    {
        var all = Math.Max(1, pieces.Sum(piece => piece.Length));
        var spread = new List<TimedText>();
        var done = 0;
        foreach (var piece in pieces)
        {
            var start = from + (to - from) * done / all;
            done += piece.Length;
            spread.Add(new(piece, Math.Round(start, 3), Math.Round(from + (to - from) * done / all, 3)));
        }
        return spread;
    }

    private static string Clock(double seconds, char separator)
    {
        var time = TimeSpan.FromSeconds(seconds);
        var clock = string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours:00}:{time.Minutes:00}:{time.Seconds:00}");
        return string.Create(CultureInfo.InvariantCulture, $"{clock}{separator}{time.Milliseconds:000}");
    }

    [GeneratedRegex(@"(?<=[.!?])\s+")]
    private static partial Regex SentenceEnd();
}

/// <param name="Start">Seconds from the beginning of the recording.</param>
/// <param name="End">Seconds from the beginning of the recording.</param>
public readonly record struct TimedText(string Text, double Start, double End);
