using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Places;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Steps;

/// <summary>
/// <c>transcribe-audio</c>: has a model transcribe one piece of a recording. Where speakers are told apart, the part after the last piece compares
/// their voices.
/// </summary>
internal sealed class TranscribeAudioStep(
    RunStore runs,
    StepRunner runner,
    ContentCache cache,
    MeteredCalls calls,
    WorkFolder workFolder,
    PrepareAudioStep preparing,
    PieceFiles files,
    VoiceComparison comparison,
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
        var recording = new HeardRecording(batch, options, subject, speech, work.Read<PreparedAudioRecord>()!);
        var chunks = recording.Prepared.Plan.Chunks;
        var references = recording.TellsSpeakers && chunks.Count > 1
            ? Voices.ReferencesOf((await cache.FindAsync<Transcript>(TranscriptKeys.Of(recording, 0, [])[0], cancellationToken))?.Value)
            : [];
        var calls = new List<PlannedCall>(chunks.Count);
        foreach (var (chunk, part) in chunks.Select((chunk, part) => (chunk, part)))
        {
            var known = await cache.HasAnyAsync<Transcript>(TranscriptKeys.Of(recording, part, part == 0 ? [] : references), cancellationToken);
            calls.Add(new PlannedCall(
                speech.Estimate(chunk.DurationSeconds, options.Vocabulary),
                known,
                speech.Fallback is { } other
                    ? new FallbackEstimate(other.Identity, other.Estimate(chunk.DurationSeconds, options.Vocabulary))
                    : null));
        }

        return calls.ToArray();
    }

    protected override async Task<StepWork> WorkAsync(ItemReference item, InventoryItem subject, CancellationToken cancellationToken)
    {
        if (engines.Speech is not { } speech) return StepWork.Off("Speech", "recordings");
        var options = await runs.ReadOptionsAsync(item.Run, cancellationToken);
        var prepared = await runs.ReadResultAsync<PreparedAudioRecord>(item with { Part = 0 }, StepNames.PrepareAudio, cancellationToken);
        var recording = new HeardRecording(item.Run.Batch, options, subject, speech, prepared);
        if (item.Part == prepared.Plan.Chunks.Count) return await comparison.CompareAsync(item, recording, cancellationToken);

        var references = recording.TellsSpeakers && item.Part > 0
            ? Voices.ReferencesOf(await comparison.FindTranscriptAsync(item with { Part = 0 }, cancellationToken))
            : [];
        var chunk = prepared.Plan.Chunks[item.Part];
        var sent = speech.Estimate(chunk.DurationSeconds, options.Vocabulary);
        var original = speech.Estimate(OriginalSeconds(prepared.Plan, chunk), options.Vocabulary);
        var asked = new CallSubject(item.Run, Name, TranscriptKeys.Of(recording, item.Part, references), speech.Identity, sent, original)
        {
            Fallback = speech.Fallback is { } fallback
                ? new(
                    TranscriptKeys.OfQuestion(recording, item.Part),
                    fallback.Identity,
                    TranscriptKeys.Of(recording with { Speech = fallback }, item.Part, references)[0],
                    fallback.Estimate(chunk.DurationSeconds, options.Vocabulary),
                    fallback.Estimate(OriginalSeconds(prepared.Plan, chunk), options.Vocabulary))
                : null,
        };
        await using var call = await calls.BeginAsync<Transcript>(asked, cancellationToken);
        if (call.Work is { } known) return known;

        using var space = workFolder.Create();
        return await call.CompleteAsync(await AskAsync(recording, item.Part, references, space, cancellationToken), cancellationToken);
    }

    private async Task<EngineAnswer<Transcript>> AskAsync(
        HeardRecording recording, int part, IReadOnlyList<VoiceReference> references, WorkSpace space, CancellationToken cancellationToken)
    {
        var (speech, options, chunk) = (recording.Speech, recording.Options, recording.Prepared.Plan.Chunks[part]);
        var path = space.File("chunk" + AudioFileExtension.ForMediaType(chunk.MediaType));
        if (await files.FetchAsync(recording, part, path, cancellationToken) is { } unread) return new(unread);
        var voices = await files.ReadVoicesAsync(recording, references, space, cancellationToken);
        if (!voices.Succeeded) return new(voices.Failure);
        var request = new SpeechRequest(path, chunk.MediaType, chunk.DurationSeconds, options.Spoken, options.Vocabulary)
        {
            KnownVoices = voices.Value,
        };
        using var place = speech.Identity.RunsHere
            ? await places.TakeAsync(CpuWork.Listening(recording.Batch.Value, request.DurationSeconds), cancellationToken)
            : null;
        return await speech.TranscribeAsync(request, cancellationToken);
    }

    /// <summary>Computes a piece's share of the whole recording, including the silence that was left out.</summary>
    private static double OriginalSeconds(AudioPlan plan, AudioPlanChunk chunk) => plan.SentSeconds > 0 && plan.DurationSeconds > plan.SentSeconds
        ? plan.DurationSeconds * chunk.DurationSeconds / plan.SentSeconds
        : chunk.DurationSeconds;
}
