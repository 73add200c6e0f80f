namespace MultiModal.Pipeline.Ai.Models;

/// <summary>The properties of the API that all transcription models with the same beginning of the name share.</summary>
/// <param name="Name">Beginning of the model's name.</param>
/// <param name="KeyedAs">What keys of cached answers call the family. It never changes.</param>
/// <param name="Path">Where Azure OpenAI answers for it.</param>
/// <param name="ResponseFormat">
/// <c>verbose_json</c> or <c>diarized_json</c> where that brings timed segments, else <c>json</c>: one segment, the piece that was sent.
/// </param>
/// <param name="Vocabulary">False where <c>prompt</c> is refused.</param>
/// <param name="Keywords">Whether names and terms are sent one by one, as <c>keywords[]</c>.</param>
/// <param name="TellsTimes">Whether the answers say when each segment was spoken.</param>
/// <param name="TellsSpeakers">Whether the answers say who spoke each segment, and samples of voices are taken.</param>
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
    bool Keywords,
    bool TellsTimes,
    bool TellsSpeakers,
    string LanguageField,
    string? ChunkingStrategy,
    long MaxBytes,
    double MaxSeconds,
    bool BilledBySeconds)
{
    /// <summary>The format whose segments name their speakers.</summary>
    public const string Diarized = "diarized_json";

    // Source: developers.openai.com, API reference, Create transcription, "file": flac, mp3, mp4, mpeg, mpga, m4a, ogg, wav, webm.
    private static readonly string[] TakenByTheApi =
        ["audio/wav", "audio/flac", "audio/mpeg", "audio/mp4", "video/mp4", "audio/ogg", "audio/webm", "video/webm"];

    /// <summary>Formats without any times.</summary>
    private static readonly string[] Plain = ["json", "text"];

    /// <summary>Media types that are taken.</summary>
    public IReadOnlyList<string> MediaTypes { get; init; } = TakenByTheApi;

    /// <summary>Whether several languages can be named.</summary>
    public bool TakesLanguages => LanguageField.EndsWith("[]", StringComparison.Ordinal);

    internal static SpeechFamily Of(string name, string keyedAs, AzurePath path, TranscriptionTerms terms) => new(
        name, keyedAs, path, terms.Format, terms.Prompt, terms.Keywords,
        terms.Timestamps.Contains("segment") && !Plain.Contains(terms.Format), terms.Speakers && terms.Format == Diarized,
        terms.Languages, terms.ChunkingStrategy, terms.MaxBytes, terms.MaxSeconds ?? double.PositiveInfinity, terms.BilledBySeconds)
    {
        MediaTypes = terms.MediaTypes ?? TakenByTheApi,
    };
}
