using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AzureOpenAISimulator.Media;
using AzureOpenAISimulator.Models;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Speech;

/// <summary>The fields of a transcription request beside its file, and which of them a model refuses.</summary>
public sealed class TranscriptionForm(IFormCollection fields)
{
    private const double LongestWithoutChunking = 30;
    private const string Chunking = "chunking_strategy";

    public string? Model => (string?)fields["model"];

    public string ResponseFormat => (string?)fields["response_format"] is { Length: > 0 } format ? format : "json";

    public string? Language => (string?)fields["language"] is { Length: > 0 } language ? language : null;

    public string Prompt => (string?)fields["prompt"] ?? "";

    /// <summary>Words that may be heard.</summary>
    public IReadOnlyList<string> Keywords => All("keywords[]");

    /// <summary>Languages that may be spoken.</summary>
    public IReadOnlyList<string> Languages => All("languages[]");

    public IReadOnlyList<string> Granularities => All("timestamp_granularities[]");

    /// <summary>What the log keeps: samples of voices are media and stay out of it.</summary>
    public JsonObject Recorded => new(fields.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(
        pair.Key,
        (JsonNode?)(pair.Key.StartsWith("known_speaker_references", StringComparison.Ordinal)
            ? string.Join(',', pair.Value.Select(value => $"sha256:{ContentHashes.Sha256(Encoding.UTF8.GetBytes(value ?? ""))}"))
            : pair.Value.ToString()))));

    /// <exception cref="WireException">They are refused.</exception>
    public IReadOnlyList<KnownSpeaker> Speakers() => KnownSpeaker.Read(All(KnownSpeaker.Names), All(KnownSpeaker.References));

    /// <exception cref="WireException">The service refuses one of them.</exception>
    public void Check(ModelFamily model)
    {
        var rules = model.Speech!;
        if (Language is { } language && !SpokenLanguages.HasTwoLetters(language))
        {
            throw Refusals.Invalid(
                $"Invalid language '{language}'. Language parameter must be specified in ISO-639-1 format.", "language", "invalid_language_format");
        }
        if (!rules.Formats.Contains(ResponseFormat)) throw WrongFormat(model);
        if (Granularities.Count > 0 && ResponseFormat != "verbose_json")
        {
            throw Refusals.Invalid(
                "timestamp_granularities[] is only supported with response_format 'verbose_json'.", "timestamp_granularities[]", "unsupported_value");
        }
        if (!rules.Strict) return;
        if ((string?)fields["stream"] == "true")
        {
            throw Refusals.Invalid("The simulator answers whole, it does not stream.", "stream", "unsupported_value");
        }
        if (!rules.Prompt && Prompt.Length > 0)
        {
            // Measured by stt.api's author and others on gpt-4o-transcribe-diarize.
            throw Refusals.Invalid("Prompt is not supported for diarization models", "prompt", "unsupported_parameter");
        }
        if (!rules.Hints) RefuseAll(model, "keywords[]", "languages[]");
        if (!rules.Speakers) RefuseAll(model, KnownSpeaker.Names, KnownSpeaker.References);
        if (!rules.LogProbabilities) RefuseAll(model, "include[]");
        CheckHints();
        CheckChunking();
    }

    /// <exception cref="WireException">A recording of this length wants to be cut.</exception>
    public void CheckLength(SpeechRules rules, AudioHeader audio)
    {
        // Measured: openai answers so past 30 s, and takes shorter recordings without it.
        if (rules.Speakers && audio.Seconds > LongestWithoutChunking && All(Chunking).Count == 0)
        {
            throw Refusals.Invalid("chunking_strategy is required for diarization models", Chunking, "missing_required_parameter");
        }
        if (audio.Seconds > rules.MaxSeconds)
        {
            // speakr#168 and fastrepl/anarlog#7136 quote it.
            var words = string.Create(
                CultureInfo.InvariantCulture,
                $"audio duration {audio.Seconds:0.######} seconds is longer than {rules.MaxSeconds:0} seconds which is the maximum for this model");
            throw Refusals.Invalid(words, code: "invalid_value");
        }
    }

    private WireException WrongFormat(ModelFamily model)
    {
        if (!model.Speech!.Strict)
        {
            return Refusals.Invalid(
                $"Invalid value: '{ResponseFormat}'. Supported values are: 'json', 'text', 'srt', 'verbose_json', and 'vtt'.",
                "response_format", "invalid_value");
        }
        // openai/openai-dotnet#401 quotes it.
        var taken = string.Join(" or ", model.Speech.Formats.Select(format => $"'{format}'"));
        return Refusals.Invalid(
            $"response_format '{ResponseFormat}' is not compatible with model '{model.Snapshot}'. Use {taken} instead.",
            "response_format", "unsupported_value");
    }

    private void CheckHints()
    {
        if (Keywords.FirstOrDefault(keyword => keyword.AsSpan().ContainsAny("<>\r\n")) is { } keyword)
        {
            throw Refusals.Invalid($"Invalid keyword '{keyword}'. Keywords must not contain '<', '>' or line breaks.", "keywords[]", "invalid_value");
        }
        if (Languages.Count > 0 && Language is not null)
        {
            throw Refusals.Invalid("'language' and 'languages' cannot be used together.", "languages[]", "invalid_parameter_combination");
        }
        if (Languages.FirstOrDefault(code => !SpokenLanguages.IsCode(code)) is { } wrong)
        {
            throw Refusals.Invalid($"Invalid language '{wrong}'.", "languages[]", "invalid_language_format");
        }
    }

    private void CheckChunking()
    {
        if (All(Chunking) is not [var strategy, ..] || strategy == "auto") return;
        try
        {
            if ((string?)JsonNode.Parse(strategy)?["type"] == "server_vad") return;
        }
        catch (JsonException)
        {
            // Refused below, as any other word.
        }
        throw Refusals.Invalid("Invalid value: 'chunking_strategy' must be 'auto' or an object of type 'server_vad'.", Chunking, "invalid_value");
    }

    private void RefuseAll(ModelFamily model, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (All(name).Count == 0) continue;
            throw Refusals.Invalid($"Unsupported parameter: '{name}' is not supported with model '{model.Snapshot}'.", name, "unsupported_parameter");
        }
    }

    /// <summary>Clients write a list's name with and without brackets.</summary>
    private List<string> All(string name)
    {
        IEnumerable<string> names = [name, name.Replace("[]", "", StringComparison.Ordinal)];
        return [.. names.Distinct().SelectMany(key => fields[key]).OfType<string>().Where(value => value.Length > 0)];
    }
}
