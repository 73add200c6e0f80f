using MultiModal.Pipeline.Audio;

namespace MultiModal.Pipeline.Ai;

/// <summary>Hears recordings. Safe for concurrent use; bounds its own concurrency (<c>Ai:MaxConcurrency</c>) and retries provider faults itself.</summary>
public interface ISpeechEngine
{
    EngineIdentity Identity { get; }

    SpeechLimits Limits { get; }

    /// <returns>Segment times from the start of the piece; a single segment over the whole piece where the engine gives no times.
    /// Never throws for anything the provider, the program or the audio does; only for cancellation.</returns>
    Task<EngineAnswer<Transcript>> TranscribeAsync(SpeechRequest request, CancellationToken cancellationToken);

    /// <summary>What <see cref="TranscribeAsync"/> will use for a piece of this length; nothing for an engine that costs nothing.</summary>
    /// <param name="seconds">Of the piece.</param>
    /// <param name="vocabulary">As <see cref="SpeechRequest.Vocabulary"/>.</param>
    CallEstimate Estimate(double seconds, string? vocabulary) => CallEstimate.Nothing;
}
