using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AzureOpenAISimulator.Calls;
using AzureOpenAISimulator.Content;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Media;
using AzureOpenAISimulator.Metering;
using AzureOpenAISimulator.Models;
using AzureOpenAISimulator.Wire;
using Microsoft.AspNetCore.Http.Features;

namespace AzureOpenAISimulator.Speech;

/// <summary><c>POST …/audio/transcriptions</c>.</summary>
public sealed partial class TranscriptionRequest : WireRequest
{
    /// <summary>Of the whole request.</summary>
    public const long MaxBytes = 26_214_400;

    private const string FormatList = "['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm']";
    private static readonly string[] Extensions = [".flac", ".m4a", ".mp3", ".mp4", ".mpeg", ".mpga", ".oga", ".ogg", ".wav", ".webm"];

    private readonly IFormCollection _fields;
    private readonly string _fileName;
    private readonly byte[]? _file;
    private readonly AudioHeader? _audio;
    private readonly long _bytesRead;

    private TranscriptionRequest(IFormCollection fields, string fileName, byte[]? file, long bytesRead)
    {
        _fields = fields;
        _fileName = fileName;
        _file = file;
        _bytesRead = bytesRead;
        _audio = file is null ? null : AudioHeader.Read(file);
        ContentHash = ContentHashes.Sha256(file ?? []);
        RequestHash = ContentHashes.Sha256(Encoding.UTF8.GetBytes($"{ContentHash}{Recorded.ToJsonString()}"));
    }

    public override string? Model => (string?)_fields["model"];

    public override IReadOnlyList<ReceivedMedia> Media => _file is null
        ? []
        : [new ReceivedMedia(ContentHash, _file.Length, _audio?.Format ?? "unknown", DurationSeconds: _audio?.Seconds ?? 0, FileName: _fileName)];

    public override string ContentHash { get; }

    public override string RequestHash { get; }

    public override IReadOnlyList<string> Texts => [(string?)_fields["prompt"] ?? ""];

    public override JsonObject Recorded =>
        new(_fields.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value.ToString())));

    /// <exception cref="WireException">The body is no multipart form.</exception>
    public static async Task<TranscriptionRequest> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasFormContentType) throw Refusals.Invalid("Could not parse multipart form");
        try
        {
            var form = await request.ReadFormAsync(new FormOptions { MultipartBodyLengthLimit = long.MaxValue }, cancellationToken);
            var part = form.Files["file"];
            if (part is null) return new(form, "", null, request.ContentLength ?? 0);
            using var buffer = new MemoryStream();
            await part.CopyToAsync(buffer, cancellationToken);
            return new(form, part.FileName, buffer.ToArray(), Math.Max(part.Length, request.ContentLength ?? 0));
        }
        catch (InvalidDataException)
        {
            throw Refusals.Invalid("Could not parse multipart form");
        }
    }

    public override PaidAnswer Answer(CallContext context)
    {
        var (model, dialect, known, fault) = (context.Model, context.Dialect, context.Known, context.Fault);
        if (model.Kind != CallKind.Transcription) throw Refusals.WrongOperation(dialect, CallKind.Transcription, context.Deployment.Name);
        ApiVersions.CheckModel(dialect, context.ApiVersion, model.EarliestApiVersion);
        var audio = Check(model);
        var text = known.FirstOrDefault(content => content.ContentHash == ContentHash)?.Text
            ?? string.Create(CultureInfo.InvariantCulture, $"Recording {ContentHash[..8]} lasts {audio.Seconds:0.0} seconds. Its words are known to the simulator alone.");
        var promptTokens = model.MeteredByTokens ? TextTokens.Of((string?)_fields["prompt"] ?? "") : 0;
        var audioTokens = model.MeteredByTokens ? AudioTokens.Of(audio.Seconds) : 0;
        var outputTokens = model.MeteredByTokens ? TextTokens.Of(text) : 0;
        var usage = model.MeteredByTokens
            ? new JsonObject
            {
                ["type"] = "tokens",
                ["total_tokens"] = audioTokens + promptTokens + outputTokens,
                ["input_tokens"] = audioTokens + promptTokens,
                ["input_token_details"] = new JsonObject { ["text_tokens"] = promptTokens, ["audio_tokens"] = audioTokens },
                ["output_tokens"] = outputTokens,
            }
            : new JsonObject { ["type"] = "duration", ["seconds"] = AudioTokens.BilledSeconds(audio.Seconds) };
        var transcript = new TimedTranscript(text, audio.Seconds);
        var answer = ResponseFormat switch
        {
            "text" => Wire.Answer.Text($"{text}\n"),
            "srt" => Wire.Answer.Text(transcript.ToSrt()),
            "vtt" => Wire.Answer.Text(transcript.ToVtt()),
            "verbose_json" => Wire.Answer.Json(200, Finished(transcript.ToVerboseJson(Language, Granularities.Count == 0 || Granularities.Contains("segment"), Granularities.Contains("word")), usage, fault)),
            _ => Wire.Answer.Json(200, Finished(new JsonObject { ["text"] = text }, usage, fault)),
        };
        return new(answer, model.MeteredByTokens
            ? new CallUsage(audioTokens + promptTokens, outputTokens, AudioTokens: audioTokens)
            : new CallUsage(0, 0, AudioSeconds: AudioTokens.BilledSeconds(audio.Seconds)));
    }

    private string ResponseFormat => (string?)_fields["response_format"] is { Length: > 0 } format ? format : "json";

    private string? Language => (string?)_fields["language"];

    private HashSet<string?> Granularities => [.. _fields["timestamp_granularities[]"], .. _fields["timestamp_granularities"]];

    private static JsonObject Finished(JsonObject body, JsonObject usage, FaultKind? fault)
    {
        if (fault != FaultKind.NoUsage) body["usage"] = usage;
        if (fault == FaultKind.SchemaViolation) body.Remove("text");
        return body;
    }

    private AudioHeader Check(ModelFamily model)
    {
        // chidiwilliams/buzz#381 quotes the body.
        if (_bytesRead > MaxBytes)
        {
            throw Refusals.Invalid(string.Create(CultureInfo.InvariantCulture, $"Maximum content size limit ({MaxBytes}) exceeded ({_bytesRead} bytes read)"), status: 413, type: "server_error");
        }
        if (_file is null) throw Refusals.Invalid("Missing required parameter: 'file'.", "file", "missing_required_parameter");
        if (Language is { Length: > 0 } language && !LanguageCode().IsMatch(language))
        {
            throw Refusals.Invalid($"Invalid language '{language}'. Language parameter must be specified in ISO-639-1 format.", "language", "invalid_language_format");
        }
        if (!model.TranscriptionFormats.Contains(ResponseFormat))
        {
            // openai/openai-dotnet#401 quotes the first.
            throw model.MeteredByTokens
                ? Refusals.Invalid($"response_format '{ResponseFormat}' is not compatible with model '{model.Snapshot}'. Use 'json' or 'text' instead.", "response_format", "unsupported_value")
                : Refusals.Invalid($"Invalid value: '{ResponseFormat}'. Supported values are: 'json', 'text', 'srt', 'verbose_json', and 'vtt'.", "response_format", "invalid_value");
        }
        if (Granularities.Count > 0 && ResponseFormat != "verbose_json")
        {
            throw Refusals.Invalid("timestamp_granularities[] is only supported with response_format 'verbose_json'.", "timestamp_granularities[]", "unsupported_value");
        }
        if (!Extensions.Contains(Path.GetExtension(_fileName), StringComparer.OrdinalIgnoreCase)) throw Refusals.Invalid($"Unrecognized file format. Supported formats: {FormatList}");
        if (_audio is null)
        {
            throw model.MeteredByTokens
                ? Refusals.Invalid("Audio file might be corrupted or unsupported", "file", "invalid_value")
                : Refusals.Invalid($"Invalid file format. Supported formats: {FormatList}");
        }
        if (_audio.Seconds < 0.1) throw Refusals.Invalid("Audio file is too short. Minimum audio length is 0.1 seconds.", "file", "audio_too_short");
        if (_audio.Seconds > model.MaxAudioSeconds)
        {
            // speakr#168 and fastrepl/anarlog#7136 quote it.
            throw Refusals.Invalid(string.Create(CultureInfo.InvariantCulture, $"audio duration {_audio.Seconds:0.######} seconds is longer than {model.MaxAudioSeconds:0} seconds which is the maximum for this model"), code: "invalid_value");
        }
        return _audio;
    }

    [GeneratedRegex("^[a-z]{2}$")]
    private static partial Regex LanguageCode();
}
