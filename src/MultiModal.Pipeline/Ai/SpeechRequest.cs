namespace MultiModal.Pipeline.Ai;

/// <summary>A recording, or a piece of one, in a private temporary file that the caller owns and deletes.</summary>
/// <param name="FilePath">Absolute path; the extension fits <paramref name="MediaType"/>.</param>
/// <param name="MediaType">Media type, such as <c>audio/wav</c> (16 kHz mono 16-bit), <c>audio/flac</c>, <c>audio/mpeg</c>.</param>
/// <param name="DurationSeconds">Duration of this piece, in seconds.</param>
/// <param name="Language">ISO 639-1 code of the language spoken; null if unknown.</param>
/// <param name="Vocabulary">Names and terms likely to occur; null for none.</param>
public sealed record SpeechRequest(
    string FilePath,
    string MediaType,
    double DurationSeconds,
    string? Language = null,
    string? Vocabulary = null);
