using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Poison;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Steps;

/// <summary><c>prepare-audio</c> and <c>transcribe-audio</c>: cut, then hear each piece.</summary>
internal sealed class AudioSteps(
    RunStore runs,
    StepRunner steps,
    InboxReader inbox,
    ContentCache cache,
    MeteredCalls calls,
    WorkFolder workFolder,
    AudioPreparer audio,
    DecodeMarks marks,
    EngineSet engines,
    IOptions<AudioOptions> audioOptions,
    TimeProvider time)
{
    /// <summary>Raised where a change to the code changes what the step answers.</summary>
    private const int PrepareVersion = 1;
    private const int TranscribeVersion = 1;

    private readonly AudioOptions limits = audioOptions.Value;

    public Task<StepResult> PrepareAsync(ItemReference item, CancellationToken cancellationToken) =>
        steps.RunAsync(item, StepNames.PrepareAudio, async (subject, token) =>
            engines.Speech is { } speech
                ? await PrepareAsync(await runs.ReadOptionsAsync(item.Run, token), subject, speech, token)
                : StepWork.Off("Speech", "recordings"), cancellationToken);

    public Task<StepResult> TranscribeAsync(ItemReference item, CancellationToken cancellationToken) =>
        steps.RunAsync(item, StepNames.TranscribeAudio, async (subject, token) =>
        {
            if (engines.Speech is not { } speech) return StepWork.Off("Speech", "recordings");
            var options = await runs.ReadOptionsAsync(item.Run, token);
            var prepared = await runs.ReadResultAsync<PreparedAudioRecord>(item with { Part = 0 }, StepNames.PrepareAudio, token);
            var chunk = prepared.Plan.Chunks[item.Part];
            var key = TranscribeKey(speech, prepared, item.Part, options);
            var sent = speech.Estimate(chunk.DurationSeconds, options.Vocabulary);
            var original = speech.Estimate(OriginalSeconds(prepared.Plan, chunk), options.Vocabulary);
            return await calls.CallAsync(item.Run, StepNames.TranscribeAudio, key, speech.Identity, sent, original, async asking =>
            {
                using var space = workFolder.Create();
                var path = space.File("chunk" + AudioFileExtension.ForMediaType(chunk.MediaType));
                if (!await cache.FetchFileAsync(PreparedAudioRecord.ChunkName(prepared.CacheFolder, item.Part), path, asking))
                {
                    // A lifecycle rule took the chunks before their entry: make both anew.
                    var again = await PrepareAsync(options, subject, speech, asking);
                    if (again.Failure is { } failure) return new EngineAnswer<Transcript>(failure);
                    await cache.FetchFileAsync(PreparedAudioRecord.ChunkName(prepared.CacheFolder, item.Part), path, asking);
                }

                return await speech.TranscribeAsync(new SpeechRequest(path, chunk.MediaType, chunk.DurationSeconds, options.Language, options.Vocabulary), asking);
            }, token);
        }, cancellationToken);

    /// <summary>The calls that a run would make for a recording; it is cut for that.</summary>
    public async Task<Outcome<PlannedCall[]>> PlanAsync(BatchOptions options, InventoryItem subject, CancellationToken cancellationToken)
    {
        if (engines.Speech is not { } speech) return StepWork.Off("Speech", "recordings").Failure!;
        var work = await PrepareAsync(options, subject, speech, cancellationToken);
        if (work.Failure is { } failure) return failure;
        var prepared = work.Read<PreparedAudioRecord>();
        var calls = new List<PlannedCall>(prepared.Plan.Chunks.Count);
        foreach (var (chunk, part) in prepared.Plan.Chunks.Select((chunk, part) => (chunk, part)))
        {
            var known = await cache.FindAsync<Transcript>(TranscribeKey(speech, prepared, part, options), cancellationToken) is not null;
            calls.Add(new PlannedCall(speech.Estimate(chunk.DurationSeconds, options.Vocabulary), known));
        }

        return calls.ToArray();
    }

    private static CacheKey TranscribeKey(ISpeechEngine speech, PreparedAudioRecord prepared, int part, BatchOptions options) =>
        CacheKey.Create(StepNames.TranscribeAudio, prepared.ChunkHashes[part], TranscribeVersion, speech.Identity, options.Language, options.Vocabulary);

    /// <summary>A piece's share of the whole recording, silence that was left out included.</summary>
    private static double OriginalSeconds(AudioPlan plan, AudioPlanChunk chunk) => plan.SentSeconds > 0 && plan.DurationSeconds > plan.SentSeconds
        ? plan.DurationSeconds * chunk.DurationSeconds / plan.SentSeconds
        : chunk.DurationSeconds;

    private async Task<StepWork> PrepareAsync(BatchOptions options, InventoryItem subject, ISpeechEngine speech, CancellationToken cancellationToken)
    {
        var request = new AudioRequest(speech.Limits, options.ChunkSeconds ?? limits.ChunkSeconds, limits.TrimSilence);
        var key = CacheKey.Create(StepNames.PrepareAudio, subject.Hash!.Value, PrepareVersion, AudioPreparer.Version, request);
        if (await cache.FindAsync<PreparedAudioRecord>(key, cancellationToken) is { } known
            && await cache.HasFileAsync(PreparedAudioRecord.ChunkName(key.Name, 0), cancellationToken))
        {
            return StepWork.Done(known.Value) with { Cache = CacheOutcome.Hit, CacheName = key.Name, Parts = known.Value.Plan.Chunks.Count };
        }

        if (subject.Bytes > limits.MaxBytes)
        {
            return StepWork.Failed(AudioFailures.TooLarge(subject.Bytes, limits.MaxBytes));
        }

        using var space = workFolder.Create();
        var path = space.File("original");
        if (await inbox.FetchAsync(subject, path, cancellationToken) is { } unread) return StepWork.Failed(unread);
        var begun = await marks.BeginAsync(key, cancellationToken);
        if (!begun.Succeeded) return StepWork.Failed(begun.Failure);
        await using var decode = begun.Value;
        var prepared = await audio.PrepareAsync(path, subject.MediaType, request, space.Path, cancellationToken);
        if (!prepared.Succeeded) return StepWork.Failed(prepared.Failure);

        var hashes = new List<ContentHash>();
        foreach (var (chunk, part) in prepared.Value.Chunks.Select((chunk, part) => (chunk, part)))
        {
            await using var file = File.OpenRead(chunk.FilePath);
            hashes.Add(await ContentHash.ComputeAsync(file, cancellationToken));
            file.Position = 0;
            await cache.StoreFileAsync(PreparedAudioRecord.ChunkName(key.Name, part), file, chunk.MediaType, cancellationToken);
        }

        var record = new PreparedAudioRecord(prepared.Value.Plan, key.Name, hashes);
        await cache.StoreAsync(key, new CachedAnswer<PreparedAudioRecord>(record, null, Usage.None, 0, time.GetUtcNow()), cancellationToken);
        return StepWork.Done(record) with { Cache = CacheOutcome.Miss, CacheName = key.Name, Parts = hashes.Count };
    }
}
