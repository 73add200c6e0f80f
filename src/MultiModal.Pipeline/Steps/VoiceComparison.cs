using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Steps;

/// <summary>
/// The last part of a recording whose speakers are told apart: voices that are known in one piece alone are played to the engine one after the other,
/// so that it says which of them are the same. That is one short request, however many pieces there are.
/// </summary>
internal sealed class VoiceComparison(RunStore runs, PieceFiles files, MeteredCalls calls, WorkFolder workFolder)
{
    public async Task<StepWork> CompareAsync(ItemReference item, HeardRecording recording, CancellationToken cancellationToken)
    {
        var pieces = new Transcript?[recording.Prepared.Plan.Chunks.Count];
        for (var part = 0; part < pieces.Length; part++)
        {
            pieces[part] = await FindTranscriptAsync(item with { Part = part }, cancellationToken);
        }

        var references = Voices.ReferencesOf(pieces[0]);
        var reel = VoiceReel.Of(Voices.StrangersOf(pieces, references), recording.Speech.Limits.MaxSeconds);
        if (reel.Clips.Count == 0) return StepWork.Done(VoiceMatch.None);

        // A voice that is the only one of its kind has been compared already: with the references, in its piece.
        if (reel.Clips is [var only]) return StepWork.Done(new VoiceMatch([new MatchedVoice(only.Voice.Part, only.Voice.Label, only.Voice.Label)]));

        var estimate = recording.Speech.Estimate(reel.Seconds, recording.Options.Vocabulary);
        var subject = new CallSubject(
            item.Run, StepNames.TranscribeAudio, [TranscriptKeys.Of(recording, reel, references)], recording.Speech.Identity, estimate, estimate);
        await using var call = await calls.BeginAsync<Transcript>(subject, cancellationToken);
        var work = call.Work ?? await call.CompleteAsync(await AskAsync(recording, reel, references, cancellationToken), cancellationToken);
        return work.Read<Transcript>() is { } heard ? work with { Result = StepWork.Done(reel.Match(heard)).Result } : work;
    }

    /// <summary>What was heard in a piece; null if it was lost.</summary>
    public async Task<Transcript?> FindTranscriptAsync(ItemReference piece, CancellationToken cancellationToken) =>
        await runs.ReadRecordAsync(piece, StepNames.TranscribeAudio, cancellationToken) is { Status: StepStatus.Succeeded } record
            ? record.Read<Transcript>()
            : null;

    private async Task<EngineAnswer<Transcript>> AskAsync(
        HeardRecording recording, VoiceReel reel, IReadOnlyList<VoiceReference> references, CancellationToken cancellationToken)
    {
        using var space = workFolder.Create();
        var samples = new byte[reel.Clips.Count][];
        foreach (var clips in reel.Clips.Index().GroupBy(clip => clip.Item.Voice.Part))
        {
            var cut = await files.CutAsync(recording, clips.Key, [.. clips.Select(clip => clip.Item.Voice.Sample)], space, cancellationToken);
            if (!cut.Succeeded) return new(cut.Failure);
            foreach (var (clip, pcm) in clips.Zip(cut.Value)) samples[clip.Index] = pcm;
        }

        var voices = await files.ReadVoicesAsync(recording, references, space, cancellationToken);
        if (!voices.Succeeded) return new(voices.Failure);
        var path = space.File("voices.wav");
        await File.WriteAllBytesAsync(path, reel.ToWav(samples), cancellationToken);
        var request = new SpeechRequest(path, "audio/wav", reel.Seconds, recording.Options.Spoken, recording.Options.Vocabulary)
        {
            KnownVoices = voices.Value,
        };
        return await recording.Speech.TranscribeAsync(request, cancellationToken);
    }
}
