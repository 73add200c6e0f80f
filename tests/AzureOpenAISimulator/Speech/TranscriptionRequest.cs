using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using AzureOpenAISimulator.Calls;
using AzureOpenAISimulator.Content;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Hearing;
using AzureOpenAISimulator.Media;
using AzureOpenAISimulator.Metering;
using AzureOpenAISimulator.Models;
using AzureOpenAISimulator.Wire;
using Microsoft.AspNetCore.Http.Features;

namespace AzureOpenAISimulator.Speech;

/// <summary><c>POST …/audio/transcriptions</c>.</summary>
public sealed class TranscriptionRequest : WireRequest
{
    /// <summary>Of the whole request.</summary>
    public const long MaxBytes = 26_214_400;

    private const string FormatList = "['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm']";
    private static readonly string[] Extensions = [".flac", ".m4a", ".mp3", ".mp4", ".mpeg", ".mpga", ".oga", ".ogg", ".wav", ".webm"];

    private readonly TranscriptionForm _form;
    private readonly string _fileName;
    private readonly byte[]? _file;
    private readonly AudioHeader? _audio;
    private readonly long _bytesRead;

    private TranscriptionRequest(IFormCollection fields, string fileName, byte[]? file, long bytesRead)
    {
        _form = new(fields);
        _fileName = fileName;
        _file = file;
        _bytesRead = bytesRead;
        _audio = file is null ? null : AudioHeader.Read(file);
        ContentHash = ContentHashes.Sha256(file ?? []);
        RequestHash = ContentHashes.Sha256(Encoding.UTF8.GetBytes($"{ContentHash}{Recorded.ToJsonString()}"));
    }

    public override string? Model => _form.Model;

    public override IReadOnlyList<ReceivedMedia> Media => _file is null
        ? []
        : [new ReceivedMedia(ContentHash, _file.Length, _audio?.Format ?? "unknown", DurationSeconds: _audio?.Seconds ?? 0, FileName: _fileName)];

    public override string ContentHash { get; }

    public override string RequestHash { get; }

    public override IReadOnlyList<string> Texts => [_form.Prompt, .. _form.Keywords];

    public override JsonObject Recorded => _form.Recorded;

    /// <exception cref="WireException">The body is no multipart form.</exception>
    public static async Task<TranscriptionRequest> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasFormContentType) throw Refusals.Invalid("Could not parse multipart form");
        try
        {
            var limits = new FormOptions { MultipartBodyLengthLimit = long.MaxValue, ValueLengthLimit = int.MaxValue };
            var form = await request.ReadFormAsync(limits, cancellationToken);
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

    public override async Task<PaidAnswer> AnswerAsync(CallContext context, CancellationToken cancellationToken)
    {
        if (context.Model.Speech is not { } rules)
        {
            throw Refusals.WrongOperation(context.Dialect, CallKind.Transcription, context.Deployment.Name);
        }
        ApiVersions.CheckModel(context.Dialect, context.ApiVersion, context.Model.EarliestApiVersion);
        CheckSize();
        _form.Check(context.Model);
        var audio = CheckFile(rules);
        _form.CheckLength(rules, audio);
        var speakers = rules.Speakers ? _form.Speakers() : [];

        var known = context.Known.FirstOrDefault(content => content.ContentHash == ContentHash);
        var heard = rules.Speakers || context.Settings.HearsVoices ? await HearAsync(cancellationToken) : null;
        var words = known?.Text ?? (heard is null ? Unheard(audio) : string.Join(' ', heard.Select(utterance => utterance.Words)));
        var text = TextTokens.First(words, context.Model.MaxOutputTokens);
        var transcript = heard is null ? TimedTranscript.BySentence(text, audio.Seconds)
            : known?.Text is null ? new([.. heard.Select(utterance => new TimedText(utterance.Words, utterance.Start, utterance.End))])
            : TimedTranscript.OverSpans(text, [.. heard.Select(utterance => (utterance.Start, utterance.End))], audio.Seconds);
        var usage = Usage(rules, audio, text);
        var metered = Metered(rules, usage);
        var answer = _form.ResponseFormat switch
        {
            "text" => Wire.Answer.Text($"{text}\n"),
            "srt" => Wire.Answer.Text(transcript.ToSrt()),
            "vtt" => Wire.Answer.Text(transcript.ToVtt()),
            "verbose_json" => Json(Verbose(transcript, text, audio), metered, context.Fault),
            "diarized_json" => Json(await DiarizedAsync(transcript, text, audio, heard!, speakers, cancellationToken), metered, context.Fault),
            _ => Json(Plain(rules, text, known), metered, context.Fault),
        };
        return new(answer, usage);
    }

    private string Unheard(AudioHeader audio) => string.Create(
        CultureInfo.InvariantCulture,
        $"Recording {ContentHash[..8]} lasts {audio.Seconds:0.0} seconds. Its words are known to the simulator alone.");

    private async Task<IReadOnlyList<Utterance>> HearAsync(CancellationToken cancellationToken) =>
        Listener.Listen(await Waveform.DecodeAsync(_file!, Path.GetExtension(_fileName), cancellationToken));

    private CallUsage Usage(SpeechRules rules, AudioHeader audio, string text)
    {
        if (!rules.MeteredByTokens) return new(0, 0, AudioSeconds: AudioTokens.BilledSeconds(audio.Seconds));
        var audioTokens = AudioTokens.Of(audio.Seconds);
        return new(audioTokens + TextTokens.Of(_form.Prompt), TextTokens.Of(text), AudioTokens: audioTokens);
    }

    private static JsonObject Metered(SpeechRules rules, CallUsage usage) => rules.MeteredByTokens
        ? new()
        {
            ["type"] = "tokens",
            ["total_tokens"] = usage.InputTokens + usage.OutputTokens,
            ["input_tokens"] = usage.InputTokens,
            ["input_token_details"] = new JsonObject
            {
                ["text_tokens"] = usage.InputTokens - usage.AudioTokens,
                ["audio_tokens"] = usage.AudioTokens,
            },
            ["output_tokens"] = usage.OutputTokens,
        }
        : new() { ["type"] = "duration", ["seconds"] = usage.AudioSeconds };

    private JsonObject Verbose(TimedTranscript transcript, string text, AudioHeader audio)
    {
        var granularities = _form.Granularities;
        var segments = granularities.Count == 0 || granularities.Contains("segment");
        return transcript.ToVerboseJson(text, audio.Seconds, _form.Language, segments, granularities.Contains("word"));
    }

    private JsonObject Plain(SpeechRules rules, string text, KnownContent? known)
    {
        var body = new JsonObject { ["text"] = text };
        if (!rules.Hints) return body;
        var likely = _form.Languages is [var first, ..] ? first : _form.Language ?? "en";
        IReadOnlyList<string> heard = known?.Languages ?? (text.Length == 0 ? [] : [likely]);
        body["languages"] = new JsonArray([.. heard.Select(code => (JsonNode)new JsonObject { ["code"] = code })]);
        return body;
    }

    private async Task<JsonObject> DiarizedAsync(
        TimedTranscript transcript, string text, AudioHeader audio, IReadOnlyList<Utterance> heard, IReadOnlyList<KnownSpeaker> speakers,
        CancellationToken cancellationToken)
    {
        var voices = new List<KnownVoice>();
        foreach (var speaker in speakers)
        {
            var utterances = Listener.Listen(await Waveform.DecodeAsync(speaker.Sample, $".{speaker.Format}", cancellationToken));
            // The voice that is heard longest is the one that is meant.
            if (utterances.MaxBy(utterance => utterance.End - utterance.Start) is { } voice) voices.Add(new(speaker.Name, voice.Hertz));
        }
        var names = Speakers.Name(heard, voices, ContentHash);
        return transcript.ToDiarizedJson(text, audio.Seconds, second => NameAt(second, heard, names));
    }

    /// <summary>Silence that a test has put words into has a speaker too.</summary>
    private static string NameAt(double second, IReadOnlyList<Utterance> heard, IReadOnlyList<string> names)
    {
        for (var at = heard.Count - 1; at >= 0; at--)
        {
            if (heard[at].Start <= second) return names[at];
        }
        return "A";
    }

    private static Answer Json(JsonObject body, JsonObject usage, FaultKind? fault)
    {
        if (fault != FaultKind.NoUsage) body["usage"] = usage;
        if (fault == FaultKind.SchemaViolation) body.Remove("text");
        return Wire.Answer.Json(200, body);
    }

    private void CheckSize()
    {
        // chidiwilliams/buzz#381 quotes the body.
        if (_bytesRead > MaxBytes)
        {
            var words = string.Create(CultureInfo.InvariantCulture, $"Maximum content size limit ({MaxBytes}) exceeded ({_bytesRead} bytes read)");
            throw Refusals.Invalid(words, status: 413, type: "server_error");
        }
        if (_file is null) throw Refusals.Invalid("Missing required parameter: 'file'.", "file", "missing_required_parameter");
    }

    private AudioHeader CheckFile(SpeechRules rules)
    {
        if (!Extensions.Contains(Path.GetExtension(_fileName), StringComparer.OrdinalIgnoreCase))
        {
            throw Refusals.Invalid($"Unrecognized file format. Supported formats: {FormatList}");
        }
        if (_audio is null)
        {
            throw rules.Strict
                ? Refusals.Invalid("Audio file might be corrupted or unsupported", "file", "invalid_value")
                : Refusals.Invalid($"Invalid file format. Supported formats: {FormatList}");
        }
        return _audio.Seconds < 0.1
            ? throw Refusals.Invalid("Audio file is too short. Minimum audio length is 0.1 seconds.", "file", "audio_too_short")
            : _audio;
    }
}
