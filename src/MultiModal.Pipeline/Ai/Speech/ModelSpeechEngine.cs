using System.ClientModel.Primitives;
using System.Globalization;
using System.Text.Json;
using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Ai.Transport;
using MultiModal.Pipeline.Audio;
using OpenAI.Audio;

namespace MultiModal.Pipeline.Ai.Speech;

/// <summary>
/// A transcription model. It is called by the protocol method, because the typed one of OpenAI 2.1.0 supports
/// neither the usage nor the newer models' formats.
/// </summary>
internal sealed class ModelSpeechEngine(
    EngineIdentity identity,
    SpeechFamily family,
    IReadOnlyList<AudioClient> clients,
    ProviderRetry retry,
    TimeProvider clock) : ISpeechEngine
{
    // Versions of the request and of how the answer is read. They are part of the cache's key.
    private const string Version = "speech-1";
    private const string DiarizedVersion = "speech-2";

    // People say two to three words a second, and a word is one and a third tokens. What is reserved is more, for languages that take more.
    private const int UsualTokensPerSecond = 3;
    private const int ReservedTokensPerSecond = 4;
    private const int MostTokensPerSecond = 8;
    private const int ShortestTranscript = 32;

    /// <summary>Bytes of a request that are kept for the form around the recording.</summary>
    private const int FormBytes = 64 << 10;

    private const int NotFound = 404;

    private const string Flac = "audio/flac";
    private const string Wav = "audio/wav";

    // Names and terms in a batch's vocabulary stand between these. What is longer is a sentence, and no keyword.
    private static readonly char[] BetweenTerms = [',', ';', '\r', '\n'];
    private const int LongestTerm = 60;

    /// <summary>Which of <c>clients</c> is asked: the one that knew the deployment last.</summary>
    private int asked;

    public EngineIdentity Identity => identity;

    public SpeechLimits Limits { get; } = new(
        family.MaxBytes - FormBytes, family.MaxSeconds, family.MediaTypes, family.MediaTypes.Contains(Flac) ? Flac : Wav);

    public SpeechAbilities Abilities { get; } = new(family.TellsTimes, family.TellsSpeakers, family.TakesLanguages);

    /// <summary>Version of the request to a model, and of how its answer is read. It is part of the cache's key.</summary>
    public static string VersionOf(SpeechFamily family) => family.TellsSpeakers ? DiarizedVersion : Version;

    /// <summary>The version under which older builds keep answers of the model that are worth less; null where there is none.</summary>
    public static string? EarlierVersionOf(SpeechFamily family) => family.TellsSpeakers ? Version : null;

    public async Task<EngineAnswer<Transcript>> TranscribeAsync(SpeechRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Refusal(request) is { } refusal) return new(refusal);
        using var activity = EngineActivity.Start("transcription", identity);
        var at = Volatile.Read(ref asked);
        var run = await retry.RunAsync(token => SendAsync(clients[at], request, token), cancellationToken);
        if (run.Last.Remedy != ReplyRemedy.OtherPath || clients.Count == 1) return activity.Ended(run.Answer);

        var other = (at + 1) % clients.Count;
        var again = await retry.RunAsync(token => SendAsync(clients[other], request, token), cancellationToken);
        if (again.Last.Status != NotFound) Volatile.Write(ref asked, other);
        return activity.Ended(new EngineAnswer<Transcript>(again.Last.Outcome, run.Usage + again.Usage, [.. run.Attempts, .. again.Attempts]));
    }

    public CallEstimate Estimate(double seconds, string? vocabulary)
    {
        if (family.BilledBySeconds)
        {
            var billed = new Usage(AudioSeconds: AudioMeter.BilledSeconds(seconds));
            return new CallEstimate(billed, billed, billed, billed);
        }

        var audio = AudioMeter.Tokens(seconds);
        var input = new Usage(audio + (family.Vocabulary && vocabulary is not null ? TokenEstimate.ForText(vocabulary) : 0), 0, 0, audio);
        return new CallEstimate(
            input with { InputTokens = audio },
            input with { OutputTokens = (long)Math.Ceiling(seconds * UsualTokensPerSecond) },
            input with { OutputTokens = ShortestTranscript + (long)Math.Ceiling(seconds * ReservedTokensPerSecond) },
            input with { OutputTokens = ShortestTranscript + (long)Math.Ceiling(seconds * MostTokensPerSecond) });
    }

    private Failure? Refusal(SpeechRequest request)
    {
        var bytes = new FileInfo(request.FilePath).Length;
        if (bytes > Limits.MaxBytes)
        {
            return new(
                FailureCodes.FileTooLarge,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{identity.Name} takes recordings up to {Limits.MaxBytes:N0} bytes at once, and this piece has {bytes:N0}."));
        }

        return request.DurationSeconds > Limits.MaxSeconds
            ? new(
                FailureCodes.AudioTooLong,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{identity.Name} takes recordings up to {Limits.MaxSeconds:N0} s at once, and this piece has {request.DurationSeconds:N0} s."))
            : null;
    }

    private async Task<ProviderReply<Transcript>> SendAsync(AudioClient client, SpeechRequest request, CancellationToken cancellationToken)
    {
        using var form = new AudioForm(request.FilePath, request.MediaType);
        form.Add("model", identity.Model);
        form.Add("response_format", family.ResponseFormat);
        if (family.ResponseFormat == "verbose_json") form.Add("timestamp_granularities[]", "segment");
        if (family.ChunkingStrategy is { } strategy) form.Add("chunking_strategy", strategy);
        if (family.TakesLanguages)
        {
            foreach (var code in request.Languages ?? []) form.Add(family.LanguageField, code);
        }
        else if (request.Language is { } language)
        {
            form.Add(family.LanguageField, language);
        }

        foreach (var voice in request.KnownVoices)
        {
            form.Add("known_speaker_names[]", voice.Name);
            form.Add("known_speaker_references[]", $"data:audio/wav;base64,{Convert.ToBase64String(voice.Wav.Span)}");
        }

        AddVocabulary(form, request.Vocabulary ?? "");
        var result = await client.TranscribeAudioAsync(form, form.ContentType, ProviderConnection.Options(cancellationToken));
        var response = result.GetRawResponse();
        return response.Status is >= 200 and < 300
            ? Read(request, response)
            : ProviderFaults.OfResponse<Transcript>(identity.Name, response, clock.GetUtcNow());
    }

    /// <summary>Terms go where the model takes them one by one; sentences, and all that other models are told, are a prompt.</summary>
    private void AddVocabulary(AudioForm form, string vocabulary)
    {
        if (!family.Keywords)
        {
            if (family.Vocabulary && vocabulary.Length > 0) form.Add("prompt", vocabulary);
            return;
        }

        var terms = vocabulary.Split(BetweenTerms, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToLookup(
            term => term.Length <= LongestTerm);

        // These two characters are refused in a keyword.
        foreach (var term in terms[true].Select(term => term.Replace("<", "", StringComparison.Ordinal).Replace(">", "", StringComparison.Ordinal)))
        {
            if (!string.IsNullOrWhiteSpace(term)) form.Add("keywords[]", term);
        }

        if (family.Vocabulary && terms[false].Any()) form.Add("prompt", string.Join(", ", terms[false]));
    }

    private ProviderReply<Transcript> Read(SpeechRequest request, PipelineResponse response)
    {
        try
        {
            using var document = JsonDocument.Parse(response.Content.ToMemory());
            var root = document.RootElement;
            var usage = ProviderUsage.OfTranscription(root, family, request.DurationSeconds);
            var language = Heard(root);
            var segments = root.TryGetProperty("segments", out var timed) && timed.ValueKind == JsonValueKind.Array && timed.GetArrayLength() > 0
                ? timed.EnumerateArray()
                .Select(
                    s =>
                        new TranscriptSegment(
                            s.GetProperty("start").GetDouble(), s.GetProperty("end").GetDouble(), s.GetProperty("text").GetString()!,
                            family.TellsSpeakers && s.TryGetProperty("speaker", out var speaker) ? speaker.GetString() : null))
                : [new TranscriptSegment(0, request.DurationSeconds, root.GetProperty("text").GetString()!)];
            return new(new Transcript(InOrder(segments, request.DurationSeconds), language ?? request.Language), usage, response.Status);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return ProviderFaults.Unreadable<Transcript>(identity.Name, response.Status);
        }
    }

    /// <summary>
    /// The language that was heard: a name (<c>language</c>), or the first of several codes (<c>languages</c>); null where the answer has neither.
    /// </summary>
    private static string? Heard(JsonElement answer)
    {
        if (answer.TryGetProperty("language", out var name)
            && name.ValueKind == JsonValueKind.String) return SpokenLanguages.CodeOf(name.GetString());
        return answer.TryGetProperty("languages", out var several) && several.ValueKind == JsonValueKind.Array && several.GetArrayLength() > 0
            ? several[0].GetProperty("code").GetString()
            : null;
    }

    /// <summary>Whisper now and then answers segments that overlap a little, or end past the recording.</summary>
    private static List<TranscriptSegment> InOrder(IEnumerable<TranscriptSegment> segments, double duration)
    {
        var ordered = new List<TranscriptSegment>();
        var at = 0.0;
        foreach (var segment in segments.Where(s => !string.IsNullOrWhiteSpace(s.Text)).OrderBy(s => s.StartSeconds))
        {
            var start = Math.Clamp(segment.StartSeconds, at, Math.Max(at, duration));
            var end = Math.Clamp(segment.EndSeconds, start, Math.Max(start, duration));
            ordered.Add(segment with { StartSeconds = start, EndSeconds = end, Text = segment.Text.Trim() });
            at = end;
        }

        return ordered;
    }
}
