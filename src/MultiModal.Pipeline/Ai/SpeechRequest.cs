namespace MultiModal.Pipeline.Ai;

/// <summary>A recording, or a piece of one, in a private temporary file that the caller owns and deletes.</summary>
/// <param name="FilePath">Absolute path; the extension fits <paramref name="MediaType"/>.</param>
/// <param name="MediaType">Media type, such as <c>audio/wav</c> (16 kHz mono 16-bit), <c>audio/flac</c>, <c>audio/mpeg</c>.</param>
/// <param name="DurationSeconds">Duration of this piece, in seconds.</param>
/// <param name="Languages">ISO 639-1 codes of the languages that may be spoken; null or empty if unknown.</param>
/// <param name="Vocabulary">Names and terms likely to occur; null for none.</param>
public sealed record SpeechRequest(
    string FilePath,
    string MediaType,
    double DurationSeconds,
    IReadOnlyList<string>? Languages = null,
    string? Vocabulary = null)
{
    /// <summary>Voices that the engine is told, at most four; empty for an engine that does not tell speakers apart.</summary>
    public IReadOnlyList<KnownVoice> KnownVoices { get; init; } = [];

    /// <summary>The language that is spoken; null if it is unknown, or may be one of several.</summary>
    public string? Language => Languages is [var only] ? only : null;
}

/// <summary>A voice with a name.</summary>
/// <param name="Name">What the answer shall call the speaker.</param>
/// <param name="Wav">A sample of 2 to 10 s as a WAV file.</param>
public sealed record KnownVoice(string Name, ReadOnlyMemory<byte> Wav);
