using System.Security.Cryptography;
using System.Text;

namespace AzureOpenAISimulator.Hearing;

/// <summary>Tells speakers by the pitch of their voices: those that are a ninth apart are two.</summary>
public static class Speakers
{
    private const double SameVoice = 1.09;

    /// <summary>
    /// Names the speaker of each utterance: a reference's name where the voice is the reference's, else a letter. Which voice is "A" differs from
    /// recording to recording, as it does with the real model, and is the same each time that the same recording comes.
    /// </summary>
    /// <param name="utterances">Of one recording.</param>
    /// <param name="references">Voices that are known, each with its name.</param>
    /// <param name="contentHash">Of the recording.</param>
    public static IReadOnlyList<string> Name(IReadOnlyList<Utterance> utterances, IReadOnlyList<KnownVoice> references, string contentHash)
    {
        var strangers = new List<double>();
        var voices = utterances.Select(utterance => Known(utterance, references) ?? (object)Stranger(utterance, strangers)).ToList();
        var letters = Shuffled(strangers.Count, contentHash);
        return [.. voices.Select(voice => voice as string ?? letters[(int)voice])];
    }

    private static string? Known(Utterance utterance, IReadOnlyList<KnownVoice> references) => references
        .Where(reference => IsSame(reference.Hertz, utterance.Hertz))
        .MinBy(reference => Math.Abs(reference.Hertz - utterance.Hertz))?.Name;

    private static int Stranger(Utterance utterance, List<double> strangers)
    {
        var known = strangers.FindIndex(hertz => IsSame(hertz, utterance.Hertz));
        if (known >= 0) return known;
        strangers.Add(utterance.Hertz);
        return strangers.Count - 1;
    }

    private static bool IsSame(double a, double b) => a == b || (a > 0 && b > 0 && Listener.SameWithin(SameVoice, a, b));

    private static List<string> Shuffled(int count, string seed) =>
    [
        .. Enumerable.Range(0, count)
            .OrderBy(number => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed} {number}"))), StringComparer.Ordinal)
            .Select((voice, letter) => (voice, letter))
            .OrderBy(pair => pair.voice)
            .Select(pair => Letter(pair.letter)),
    ];

    private static string Letter(int number) => number < 26 ? $"{(char)('A' + number)}" : $"{Letter(number / 26 - 1)}{(char)('A' + number % 26)}";
}

/// <summary>A voice that the caller has a name for.</summary>
/// <param name="Hertz">Its pitch.</param>
public sealed record KnownVoice(string Name, double Hertz);
