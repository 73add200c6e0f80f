using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Places;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Steps;

/// <summary><c>prepare-audio</c>: cuts a recording into pieces that a model accepts, without its silence.</summary>
internal sealed class PrepareAudioStep(
    RunStore runs,
    StepRunner runner,
    InboxReader inbox,
    ContentCache cache,
    WorkFolder workFolder,
    AudioPreparer audio,
    GuardedDecodes decodes,
    EngineSet engines,
    IOptions<AudioOptions> audioOptions,
    TimeProvider time) : ItemStep(runner, Definition)
{
    public static readonly Step<ItemReference, StepResult> Definition = Step.Contained<ItemReference>(StepNames.PrepareAudio);

    /// <summary>Version of the step, raised when a change to the code changes the step's answers.</summary>
    private const int PrepareVersion = 1;

    private readonly AudioOptions limits = audioOptions.Value;

    /// <summary>Cuts a recording, or finds in the cache how it was cut.</summary>
    /// <param name="batch">The batch, which shares the places for work in turn with others.</param>
    /// <param name="options">Options of the batch.</param>
    /// <param name="subject">The recording.</param>
    /// <param name="speech">The engine that will hear the pieces.</param>
    /// <param name="lost">Pieces that are made again although they are known: a lifecycle rule has deleted some of them before their entry.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<StepWork> PrepareAsync(
        BatchName batch, BatchOptions options, InventoryItem subject, ISpeechEngine speech, PreparedAudioRecord? lost,
        CancellationToken cancellationToken)
    {
        var cuts = Cuts(subject, speech, options);
        var (request, key) = cuts.Find(cut => cut.Key.Name == lost?.CacheFolder) is { Request: not null } made ? made : cuts[0];
        if (lost is null && await FindAsync(batch, options, subject, speech, cuts, cancellationToken) is { } known) return known;

        if (subject.Bytes > limits.MaxBytes)
        {
            return StepWork.Failed(AudioFailures.TooLarge(subject.Bytes, limits.MaxBytes));
        }

        using var space = workFolder.Create();
        var path = space.File("original");
        if (await inbox.FetchAsync(subject, path, cancellationToken) is { } unread) return StepWork.Failed(unread);
        var rule = lost is null ? audio.Rule : lost.Rule;
        var prepared = await decodes.RunAsync(
            CpuWork.Recording(batch.Value, subject.Bytes),
            key,
            () => audio.PrepareAgainAsync(path, subject.MediaType, request, rule, space.Path, cancellationToken),
            cancellationToken);
        if (!prepared.Succeeded) return StepWork.Failed(prepared.Failure);

        var hashes = new List<ContentHash>();
        foreach (var (chunk, part) in prepared.Value.Chunks.Select((chunk, part) => (chunk, part)))
        {
            await using var file = File.OpenRead(chunk.FilePath);
            hashes.Add(await ContentHash.ComputeAsync(file, cancellationToken));
            file.Position = 0;
            await cache.StoreFileAsync(PreparedAudioRecord.ChunkName(key.Name, part), file, chunk.MediaType, cancellationToken);
        }

        var record = new PreparedAudioRecord(prepared.Value.Plan, key.Name, hashes, rule, prepared.Value.Peaks);
        await cache.StoreAsync(key, batch, new CachedAnswer<PreparedAudioRecord>(record, null, Usage.None, 0, time.GetUtcNow()), cancellationToken);
        return StepWork.Done(record) with { Cache = CacheOutcome.Miss, CacheName = key.Name, Parts = hashes.Count };
    }

    /// <summary>
    /// How a recording is cut for an engine, and how older builds cut it: for an engine that gives no times they cut it like any other.
    /// </summary>
    private List<(AudioRequest Request, CacheKey Key)> Cuts(InventoryItem subject, ISpeechEngine speech, BatchOptions options)
    {
        var usual = new AudioRequest(speech.Limits, options.ChunkSeconds ?? limits.ChunkSeconds, limits.TrimSilence);
        var finer = usual with { ChunkSeconds = Math.Min(usual.ChunkSeconds, limits.UntimedChunkSeconds), MapsSpeech = true };
        IEnumerable<AudioRequest> requests = speech.Abilities.TellsTimes ? [usual] : [finer, usual];
        return
        [
            .. requests.Select(
                request => (
                    request, CacheKey.Create(StepNames.PrepareAudio, subject.Hash!.Value, PrepareVersion, AudioPreparer.Version, request))),
        ];
    }

    /// <summary>
    /// Finds how a recording was cut. Pieces of an older build are used only if the engine has heard them, so that nothing of them is paid again.
    /// </summary>
    private async Task<StepWork?> FindAsync(
        BatchName batch, BatchOptions options, InventoryItem subject, ISpeechEngine speech, List<(AudioRequest Request, CacheKey Key)> cuts,
        CancellationToken cancellationToken)
    {
        foreach (var (_, key) in cuts)
        {
            if (key != cuts[0].Key)
            {
                if (await cache.FindAsync<PreparedAudioRecord>(key, cancellationToken) is not { } earlier) continue;
                var heard = TranscriptKeys.Of(new HeardRecording(batch, options, subject, speech, earlier.Value), 0, []);
                if (!await cache.HasAnyAsync<Transcript>(heard, cancellationToken)) continue;
            }

            if (await cache.UseAsync<PreparedAudioRecord>(key, batch, cancellationToken) is not { } known) continue;
            return StepWork.Done(known.Value) with { Cache = CacheOutcome.Hit, CacheName = key.Name, Parts = known.Value.Plan.Chunks.Count };
        }

        return null;
    }

    protected override async Task<StepWork> WorkAsync(ItemReference item, InventoryItem subject, CancellationToken cancellationToken) =>
        engines.Speech is { } speech
            ? await PrepareAsync(item.Run, subject, speech, cancellationToken)
            : StepWork.Off("Speech", "recordings");

    private async Task<StepWork> PrepareAsync(
        RunReference run, InventoryItem subject, ISpeechEngine speech, CancellationToken cancellationToken)
    {
        var options = await runs.ReadOptionsAsync(run, cancellationToken);
        var work = await PrepareAsync(run.Batch, options, subject, speech, lost: null, cancellationToken);
        return work with
        {
            Speakers = !options.Speakers ? SpeakerWish.None
                : speech.Abilities.TellsSpeakers ? SpeakerWish.Granted
                : SpeakerWish.Unsupported,
        };
    }
}
