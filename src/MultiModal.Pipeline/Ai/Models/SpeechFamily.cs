namespace MultiModal.Pipeline.Ai.Models;

/// <summary>The properties of the API that all transcription models with the same beginning of the name share.</summary>
/// <param name="Name">Beginning of the model's name.</param>
/// <param name="KeyedAs">What keys of cached answers call the family. It never changes.</param>
/// <param name="Path">Where Azure OpenAI answers for it.</param>
/// <param name="ResponseFormat"><c>verbose_json</c> where that brings timed segments, else <c>json</c>: one segment, the piece that was sent.</param>
/// <param name="Vocabulary">False where <c>prompt</c> is refused.</param>
/// <param name="LanguageField">The field that names the language: <c>language</c> or <c>languages[]</c>.</param>
/// <param name="ChunkingStrategy">Sent where the model wants to be told how to cut what is longer than 30 s; null elsewhere.</param>
/// <param name="MaxBytes">Largest size of a whole request, in bytes.</param>
/// <param name="MaxSeconds">Longest recording in one request; <see cref="double.PositiveInfinity"/> where only bytes are limited.</param>
/// <param name="BilledBySeconds">True where an answer without usage is metered by the seconds sent.</param>
public sealed record SpeechFamily(
    string Name,
    string KeyedAs,
    AzurePath Path,
    string ResponseFormat,
    bool Vocabulary,
    string LanguageField,
    string? ChunkingStrategy,
    long MaxBytes,
    double MaxSeconds,
    bool BilledBySeconds);
