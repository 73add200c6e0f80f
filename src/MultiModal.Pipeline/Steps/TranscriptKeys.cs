using System.Text.Json;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Steps;

/// <summary>The keys under which the transcripts of pieces are cached.</summary>
internal static class TranscriptKeys
{
    /// <summary>Version of the step, raised when a change to the code changes the step's answers.</summary>
    private const int TranscribeVersion = 1;

    /// <param name="recording">The recording.</param>
    /// <param name="part">The piece.</param>
    /// <param name="references">Voices that the engine is told.</param>
    /// <returns>
    /// The key of the engine, then those of the engines before it, which did not tell speakers apart, and then those of its fallback.
    /// </returns>
    public static CacheKey[] Of(HeardRecording recording, int part, IReadOnlyList<VoiceReference> references)
    {
        var identity = recording.Speech.Identity;
        var hash = recording.Prepared.ChunkHashes[part];
        return recording.TellsSpeakers
            ? [Create(recording, hash, identity, references)]
            :
            [
                .. identity.WithEarlier.Select(engine => Create(recording, hash, engine, references)),
                .. recording.Speech.Fallback is { } fallback ? Of(recording with { Speech = fallback }, part, references) : [],
            ];
    }

    /// <summary>The question about a piece whichever engine answers.</summary>
    public static CacheKey OfQuestion(HeardRecording recording, int part) => CacheKey.Create(
        StepNames.TranscribeAudio,
        recording.Prepared.ChunkHashes[part],
        TranscribeVersion,
        null,
        string.Join(' ', recording.Options.Spoken),
        recording.Options.Vocabulary);

    /// <summary>The key of the answer to a reel. What is in it is known before it is made: stretches of pieces.</summary>
    public static CacheKey Of(HeardRecording recording, VoiceReel reel, IReadOnlyList<VoiceReference> references)
    {
        var clips = reel.Clips.Select(clip => new object[] { recording.Prepared.ChunkHashes[clip.Voice.Part], clip.Voice.Sample });
        var content = ContentHash.Compute(JsonSerializer.SerializeToUtf8Bytes(clips, PipelineJson.Options));
        return Create(recording, content, recording.Speech.Identity, references);
    }

    private static CacheKey Create(
        HeardRecording recording, ContentHash content, EngineIdentity engine, IReadOnlyList<VoiceReference> references)
    {
        var spoken = ShapeOf(recording.Options.Spoken, recording.Speech.Abilities);
        List<object?> shapes = [TranscribeVersion, engine, spoken, recording.Options.Vocabulary];

        // References are stretches of the first piece.
        if (references.Count > 0) shapes.AddRange([recording.Prepared.ChunkHashes[0], references]);
        return CacheKey.Create(StepNames.TranscribeAudio, content, shapes);
    }

    /// <summary>What an engine is told of the languages that may be spoken. For one language it is the same as in older builds.</summary>
    private static string? ShapeOf(IReadOnlyList<string> languages, SpeechAbilities abilities) => languages switch
    {
        [] => null,
        [var only] => only,
        _ => abilities.TakesLanguages ? string.Join(' ', languages) : null,
    };
}
