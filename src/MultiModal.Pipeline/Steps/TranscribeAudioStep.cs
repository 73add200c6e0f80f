using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Places;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Steps;

/// <summary><c>transcribe-audio</c>: has a model transcribe one piece of a recording.</summary>
internal sealed class TranscribeAudioStep(
    RunStore runs,
    StepRunner runner,
    ContentCache cache,
    MeteredCalls calls,
    WorkFolder workFolder,
    PrepareAudioStep preparing,
    CpuLine places,
    EngineSet engines) : ItemStep(runner, Definition)
{
    public static readonly Step<ItemReference, StepResult> Definition = Step.Contained<ItemReference>(StepNames.TranscribeAudio);

    /// <summary>Plans the calls that a run would make for a recording, which is cut for the plan.</summary>
    public async Task<Outcome<PlannedCall[]>> PlanAsync(
        BatchName batch, BatchOptions options, InventoryItem subject, CancellationToken cancellationToken)
    {
        if (engines.Speech is not { } speech) return StepWork.Off("Speech", "recordings").Failure!;
        var work = await preparing.PrepareAsync(batch, options, subject, speech, lost: null, cancellationToken);
        if (work.Failure is { } failure) return failure;
        var prepared = work.Read<PreparedAudioRecord>()!;
        var calls = new List<PlannedCall>(prepared.Plan.Chunks.Count);
        foreach (var (chunk, part) in prepared.Plan.Chunks.Select((chunk, part) => (chunk, part)))
        {
            var known = await cache.HasAnyAsync<Transcript>(TranscriptKeys.Of(speech, prepared, part, options), cancellationToken);
            calls.Add(new PlannedCall(speech.Estimate(chunk.DurationSeconds, options.Vocabulary), known));
        }

        return calls.ToArray();
    }

    protected override async Task<StepWork> WorkAsync(ItemReference item, InventoryItem subject, CancellationToken cancellationToken)
    {
        if (engines.Speech is not { } speech) return StepWork.Off("Speech", "recordings");
        var options = await runs.ReadOptionsAsync(item.Run, cancellationToken);
        var prepared = await runs.ReadResultAsync<PreparedAudioRecord>(item with { Part = 0 }, StepNames.PrepareAudio, cancellationToken);
        var chunk = prepared.Plan.Chunks[item.Part];
        var sent = speech.Estimate(chunk.DurationSeconds, options.Vocabulary);
        var original = speech.Estimate(OriginalSeconds(prepared.Plan, chunk), options.Vocabulary);
        var asked = new CallSubject(item.Run, Name, TranscriptKeys.Of(speech, prepared, item.Part, options), speech.Identity, sent, original);
        await using var call = await calls.BeginAsync<Transcript>(asked, cancellationToken);
        if (call.Work is { } known) return known;

        using var space = workFolder.Create();
        var path = space.File("chunk" + AudioFileExtension.ForMediaType(chunk.MediaType));
        var answer =
            await FetchAsync(
                item.Run.Batch, options, subject, speech, prepared, item.Part, path, cancellationToken) is { } unread
            ? new EngineAnswer<Transcript>(unread)
            : await AskAsync(
                speech,
                item.Run.Batch,
                new SpeechRequest(path, chunk.MediaType, chunk.DurationSeconds, options.Spoken, options.Vocabulary),
                cancellationToken);
        return await call.CompleteAsync(answer, cancellationToken);
    }

    /// <summary>Copies a piece into a file. If a lifecycle rule deleted the pieces before their entry, they are made again.</summary>
    /// <returns>The reason if the piece is not available; null if it was copied.</returns>
    private async Task<Failure?> FetchAsync(
        BatchName batch, BatchOptions options, InventoryItem subject, ISpeechEngine speech, PreparedAudioRecord prepared, int part, string path,
        CancellationToken cancellationToken)
    {
        var name = PreparedAudioRecord.ChunkName(prepared.CacheFolder, part);
        if (await cache.FetchFileAsync(name, path, cancellationToken)) return null;
        var again = await preparing.PrepareAsync(batch, options, subject, speech, prepared, cancellationToken);
        if (again.Failure is { } failure) return failure;
        await cache.FetchFileAsync(name, path, cancellationToken);
        return null;
    }

    private async Task<EngineAnswer<Transcript>> AskAsync(
        ISpeechEngine speech, BatchName batch, SpeechRequest request, CancellationToken cancellationToken)
    {
        using var place = speech.Identity.RunsHere
            ? await places.TakeAsync(CpuWork.Listening(batch.Value, request.DurationSeconds), cancellationToken)
            : null;
        return await speech.TranscribeAsync(request, cancellationToken);
    }

    /// <summary>Computes a piece's share of the whole recording, including the silence that was left out.</summary>
    private static double OriginalSeconds(AudioPlan plan, AudioPlanChunk chunk) => plan.SentSeconds > 0 && plan.DurationSeconds > plan.SentSeconds
        ? plan.DurationSeconds * chunk.DurationSeconds / plan.SentSeconds
        : chunk.DurationSeconds;
}
