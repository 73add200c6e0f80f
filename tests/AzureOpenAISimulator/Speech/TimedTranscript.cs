using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AzureOpenAISimulator.Speech;

/// <summary>A text spread over a recording: a segment a sentence, each as long as its share of the characters.</summary>
public sealed partial class TimedTranscript
{
    private readonly string _text;
    private readonly double _seconds;
    private readonly List<(string Text, double Start, double End)> _segments;

    public TimedTranscript(string text, double seconds)
    {
        _text = text;
        _seconds = seconds;
        _segments = Spread([.. SentenceEnd().Split(text).Where(sentence => sentence.Length > 0)], 0, seconds);
    }

    /// <summary>As whisper writes it; the shape is that of the recordings TimestampsWork.</summary>
    public JsonObject ToVerboseJson(string? language, bool segments, bool words)
    {
        var body = new JsonObject { ["task"] = "transcribe", ["language"] = language is null or "en" ? "english" : language, ["duration"] = _seconds, ["text"] = _text };
        if (segments)
        {
            body["segments"] = new JsonArray([.. _segments.Select((segment, index) => (JsonNode)new JsonObject
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
        if (words)
        {
            body["words"] = new JsonArray([.. _segments.SelectMany(segment => Spread(segment.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries), segment.Start, segment.End))
                .Select(word => (JsonNode)new JsonObject { ["word"] = word.Text.Trim('.', ',', '!', '?'), ["start"] = word.Start, ["end"] = word.End })]);
        }
        return body;
    }

    public string ToSrt()
    {
        var srt = new StringBuilder();
        for (var index = 0; index < _segments.Count; index++)
        {
            var (text, start, end) = _segments[index];
            srt.Append(CultureInfo.InvariantCulture, $"{index + 1}\n{Clock(start, ',')} --> {Clock(end, ',')}\n{text}\n\n");
        }
        return srt.Append('\n').ToString();
    }

    public string ToVtt()
    {
        var vtt = new StringBuilder("WEBVTT\n\n");
        foreach (var (text, start, end) in _segments) vtt.Append(CultureInfo.InvariantCulture, $"{Clock(start, '.')} --> {Clock(end, '.')}\n{text}\n\n");
        return vtt.ToString();
    }

    private static List<(string Text, double Start, double End)> Spread(IReadOnlyList<string> pieces, double from, double to)
    {
        var all = Math.Max(1, pieces.Sum(piece => piece.Length));
        var spread = new List<(string, double, double)>();
        var done = 0;
        foreach (var piece in pieces)
        {
            var start = from + (to - from) * done / all;
            done += piece.Length;
            spread.Add((piece, Math.Round(start, 3), Math.Round(from + (to - from) * done / all, 3)));
        }
        return spread;
    }

    private static string Clock(double seconds, char separator)
    {
        var time = TimeSpan.FromSeconds(seconds);
        return string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours:00}:{time.Minutes:00}:{time.Seconds:00}{separator}{time.Milliseconds:000}");
    }

    [GeneratedRegex(@"(?<=[.!?])\s+")]
    private static partial Regex SentenceEnd();
}
