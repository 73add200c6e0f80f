using AzureOpenAISimulator.Media;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Speech;

/// <summary>A speaker that the caller has a name and a sample for.</summary>
/// <param name="Sample">A whole recording.</param>
/// <param name="Format">As <see cref="AudioHeader.Format"/>.</param>
public sealed record KnownSpeaker(string Name, byte[] Sample, string Format)
{
    public const string Names = "known_speaker_names[]";

    public const string References = "known_speaker_references[]";

    private const int Most = 4;

    /// <exception cref="WireException">The names and samples do not belong together, or a sample is no recording of 2 to 10 s.</exception>
    public static IReadOnlyList<KnownSpeaker> Read(IReadOnlyList<string> names, IReadOnlyList<string> references)
    {
        if (names.Count != references.Count)
        {
            throw Refusals.Invalid($"'{Names}' and '{References}' must have the same number of entries.", References, "invalid_value");
        }
        if (names.Count > Most) throw Refusals.Invalid($"At most {Most} known speakers are supported.", Names, "invalid_value");
        return [.. names.Select((name, index) => Read(name, references[index]))];
    }

    private static KnownSpeaker Read(string name, string reference)
    {
        const string mark = ";base64,";
        var at = reference.IndexOf(mark, StringComparison.Ordinal);
        if (!reference.StartsWith("data:audio/", StringComparison.Ordinal) || at < 0)
        {
            throw Refusals.Invalid("A known speaker reference must be a data URL of audio.", References, "invalid_value");
        }
        var sample = new byte[reference.Length];
        if (!Convert.TryFromBase64Chars(reference.AsSpan(at + mark.Length), sample, out var length))
        {
            throw Refusals.Invalid("A known speaker reference is no valid base64.", References, "invalid_base64");
        }
        sample = sample[..length];
        if (AudioHeader.Read(sample) is not { Seconds: >= 2 and <= 10 } header)
        {
            throw Refusals.Invalid("A known speaker reference must be a recording of 2 to 10 seconds.", References, "invalid_value");
        }
        return new(name, sample, header.Format);
    }
}
