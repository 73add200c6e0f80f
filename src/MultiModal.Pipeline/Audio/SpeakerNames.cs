using System.Globalization;

namespace MultiModal.Pipeline.Audio;

/// <summary>What the speakers of a recording are called, the same in all of its pieces.</summary>
public sealed class SpeakerNames
{
    private readonly Dictionary<(int Part, string Label), string> names;

    private SpeakerNames(Dictionary<(int Part, string Label), string> names, int known, int unknown) =>
        (this.names, Known, Unknown) = (names, known, unknown);

    /// <summary>Number of speakers who are told apart in the whole recording.</summary>
    public int Known { get; }

    /// <summary>Number of voices that are known in one piece alone. Each may be one of the others.</summary>
    public int Unknown { get; }

    /// <param name="pieces">Transcripts of all pieces; null for one that was lost.</param>
    /// <param name="match">What the engine told from samples; null if it was not asked, or did not answer.</param>
    public static SpeakerNames Of(IReadOnlyList<Transcript?> pieces, VoiceMatch? match)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        var names = new Dictionary<(int Part, string Label), string>();
        var (known, unknown) = (0, 0);
        if (pieces[0] is { } first)
        {
            foreach (var voice in Voices.SpeakersOf(0, first)) names[(0, voice.Label)] = Numbered(++known);
        }

        var voices = Voices.ReferencesOf(pieces[0]).ToDictionary(reference => reference.Name, reference => reference.Name, StringComparer.Ordinal);
        var references = voices.Keys.ToHashSet(StringComparer.Ordinal);
        var matched = (match ?? VoiceMatch.None).Voices.ToDictionary(voice => (voice.Part, voice.Label), voice => voice.Voice);
        foreach (var (speaker, name) in names.ToList())
        {
            if (matched.TryGetValue(speaker, out var voice)) voices.TryAdd(voice, name);
        }

        foreach (var (part, piece) in pieces.Index().Skip(1))
        {
            if (piece is null) continue;
            foreach (var speaker in Voices.SpeakersOf(part, piece)) names[(part, speaker.Label)] = NameOf(part, speaker.Label);
        }

        return new SpeakerNames(names, known, unknown);

        string NameOf(int part, string label)
        {
            if (references.Contains(label)) return label;
            if (!matched.TryGetValue((part, label), out var voice))
            {
                return string.Create(CultureInfo.InvariantCulture, $"Unknown speaker {++unknown}");
            }

            if (!voices.TryGetValue(voice, out var name)) voices[voice] = name = Numbered(++known);
            return name;
        }
    }

    /// <summary>The name of a speaker.</summary>
    /// <param name="number">The order in which they are first heard, from 1.</param>
    public static string Numbered(int number) => string.Create(CultureInfo.InvariantCulture, $"Speaker {number}");

    /// <returns>The name; null if the engine did not say who speaks.</returns>
    public string? Find(int part, string? label) => label is null ? null : names.GetValueOrDefault((part, label));
}
