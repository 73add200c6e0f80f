namespace AzureOpenAISimulator.Models;

/// <summary>
/// What a speech model takes and answers. Sources: https://platform.openai.com/docs/api-reference/audio/createTranscription and the specification of
/// 2026-08-21; developers.openai.com/api/docs/guides/speech-to-text and /models/gpt-transcribe.
/// </summary>
/// <param name="Formats">Values of <c>response_format</c> that are taken.</param>
public sealed record SpeechRules(IReadOnlyList<string> Formats)
{
    /// <summary>Longest recording, in seconds.</summary>
    public double MaxSeconds { get; init; } = double.PositiveInfinity;

    /// <summary>Usage is counted in tokens rather than in seconds.</summary>
    public bool MeteredByTokens { get; init; }

    /// <summary><c>prompt</c> is taken.</summary>
    public bool Prompt { get; init; } = true;

    /// <summary><c>keywords[]</c> and <c>languages[]</c> are taken, and the answer says which languages were heard.</summary>
    public bool Hints { get; init; }

    /// <summary>Speakers are told apart: <c>known_speaker_names[]</c> are taken, and <c>chunking_strategy</c> is asked for past 30 s.</summary>
    public bool Speakers { get; init; }

    /// <summary><c>include[]=logprobs</c> is taken (and not played).</summary>
    public bool LogProbabilities { get; init; }

    /// <summary>Refuses what it does not know; whisper and the servers that imitate it pass over it.</summary>
    public bool Strict { get; init; } = true;

    public static SpeechRules Whisper { get; } = new(["json", "text", "srt", "verbose_json", "vtt"]) { Strict = false };

    /// <summary>The 1,500 s: fastrepl/anarlog#7136 and the OpenAI community thread 1306684.</summary>
    public static SpeechRules Gpt4o { get; } = new(["json"]) { MaxSeconds = 1500, MeteredByTokens = true, LogProbabilities = true };

    public static SpeechRules Diarizing { get; } =
        new(["json", "text", "diarized_json"]) { MaxSeconds = 1500, MeteredByTokens = true, Prompt = false, Speakers = true };

    /// <summary>No length is stated for it, only bytes.</summary>
    public static SpeechRules GptTranscribe { get; } = new(["json", "text"]) { Hints = true };
}
