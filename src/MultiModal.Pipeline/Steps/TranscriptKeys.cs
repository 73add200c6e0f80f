using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Steps;

/// <summary>The keys under which the transcripts of pieces are cached.</summary>
internal static class TranscriptKeys
{
    /// <summary>Version of the step, raised when a change to the code changes the step's answers.</summary>
    private const int TranscribeVersion = 1;

    /// <returns>The key of the engine, and then those of the engines before it.</returns>
    public static CacheKey[] Of(ISpeechEngine speech, PreparedAudioRecord prepared, int part, BatchOptions options) =>
    [
        .. speech.Identity.WithEarlier.Select(
            engine => CacheKey.Create(
                StepNames.TranscribeAudio, prepared.ChunkHashes[part], TranscribeVersion, engine, ShapeOf(options.Spoken, speech.Abilities),
                options.Vocabulary)),
    ];

    /// <summary>What an engine is told of the languages that may be spoken. For one language it is what it was while there could be only one.</summary>
    private static string? ShapeOf(IReadOnlyList<string> languages, SpeechAbilities abilities) => languages switch
    {
        [] => null,
        [var only] => only,
        _ => abilities.TakesLanguages ? string.Join(' ', languages) : null,
    };
}
