namespace MultiModal.Pipeline.Audio;

/// <summary>A stretch of a piece, with times from its start.</summary>
/// <param name="StartSeconds">When it begins, in seconds.</param>
/// <param name="EndSeconds">When it ends, in seconds.</param>
public sealed record VoiceSpan(double StartSeconds, double EndSeconds);

/// <summary>A speaker of a piece, as its transcript has them.</summary>
/// <param name="Part">The piece, from 0.</param>
/// <param name="Label">The engine's label, which holds for this piece alone, or the name that the engine was told.</param>
/// <param name="Sample">Where the voice is heard best, 2 to 8 s in all; empty for one that is not heard for so long.</param>
public sealed record PieceVoice(int Part, string Label, IReadOnlyList<VoiceSpan> Sample);

/// <summary>A voice that the engine is told by a sample.</summary>
/// <param name="Name">What its answers shall call the speaker.</param>
/// <param name="Sample">Stretches of the recording's first piece.</param>
public sealed record VoiceReference(string Name, IReadOnlyList<VoiceSpan> Sample);

/// <summary>Which speakers of different pieces have the same voice, as the engine told from samples of them.</summary>
/// <param name="Voices">Speakers with the same <see cref="MatchedVoice.Voice"/> are one.</param>
public sealed record VoiceMatch(IReadOnlyList<MatchedVoice> Voices)
{
    public static VoiceMatch None { get; } = new([]);
}

/// <param name="Part">The piece, from 0.</param>
/// <param name="Label">The label of the speaker there.</param>
/// <param name="Voice">Name of a reference, or the engine's label among the samples.</param>
public sealed record MatchedVoice(int Part, string Label, string Voice);

/// <summary>Finds the voices of a recording's pieces.</summary>
public static class Voices
{
    /// <summary>The most references that a model takes (OpenAI, API reference, Create transcription, <c>known_speaker_references</c>).</summary>
    public const int MostReferences = 4;

    // A reference has 2 to 10 s by the same source. A model knows a voice after a few seconds, and what is sent is billed and uploaded.
    private const double Shortest = 2;
    private const double Longest = 8;
    private const double Enough = 4;

    /// <summary>
    /// The references for all pieces but the first: of those who are heard in the first, the four who speak longest there, in the order in which they
    /// begin. They are named as the recording names them.
    /// </summary>
    /// <param name="first">Transcript of the first piece; null if it was lost.</param>
    public static IReadOnlyList<VoiceReference> ReferencesOf(Transcript? first)
    {
        if (first is null) return [];
        var named = SpeakersOf(0, first).Index().Where(voice => voice.Item.Sample.Count > 0);
        return
        [
            .. named.OrderByDescending(voice => SecondsOf(first, voice.Item.Label)).Take(MostReferences).OrderBy(voice => voice.Index)
                .Select(voice => new VoiceReference(SpeakerNames.Numbered(voice.Index + 1), voice.Item.Sample)),
        ];
    }

    /// <summary>Speakers of a piece in the order in which they begin.</summary>
    public static IReadOnlyList<PieceVoice> SpeakersOf(int part, Transcript piece)
    {
        ArgumentNullException.ThrowIfNull(piece);
        return
        [
            .. piece.Segments.Select(s => s.Speaker).OfType<string>().Distinct(StringComparer.Ordinal)
                .Select(label => new PieceVoice(part, label, SampleOf(piece, label))),
        ];
    }

    /// <summary>
    /// Speakers who are known in their own piece alone: all that no reference names, and those of the first piece who are no reference. There are
    /// none if the first piece has them all.
    /// </summary>
    /// <param name="pieces">Transcripts of all pieces; null for one that was lost.</param>
    /// <param name="references">What <see cref="ReferencesOf"/> gives.</param>
    public static IReadOnlyList<PieceVoice> StrangersOf(IReadOnlyList<Transcript?> pieces, IReadOnlyList<VoiceReference> references)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        var names = references.Select(reference => reference.Name).ToHashSet(StringComparer.Ordinal);
        var strangers = pieces.Index().Skip(1).Where(piece => piece.Item is not null).SelectMany(piece => SpeakersOf(piece.Index, piece.Item!))
            .Where(voice => !names.Contains(voice.Label)).ToList();
        if (strangers.Count == 0 || pieces[0] is not { } first) return strangers;
        return [.. SpeakersOf(0, first).Index().Where(v => !names.Contains(SpeakerNames.Numbered(v.Index + 1))).Select(v => v.Item), .. strangers];
    }

    private static double SecondsOf(Transcript piece, string label) =>
        piece.Segments.Where(s => s.Speaker == label).Sum(s => s.EndSeconds - s.StartSeconds);

    /// <summary>The longest segment if it is long enough, or as many of the longest as are, in the order of time.</summary>
    private static VoiceSpan[] SampleOf(Transcript piece, string label)
    {
        var spans = new List<VoiceSpan>();
        double seconds = 0;
        foreach (var segment in piece.Segments.Where(s => s.Speaker == label).OrderByDescending(s => s.EndSeconds - s.StartSeconds))
        {
            if (seconds >= Enough) break;
            var length = Math.Min(segment.EndSeconds - segment.StartSeconds, Longest - seconds);
            spans.Add(new VoiceSpan(segment.StartSeconds, segment.StartSeconds + length));
            seconds += length;
        }

        return seconds < Shortest ? [] : [.. spans.OrderBy(span => span.StartSeconds)];
    }
}
