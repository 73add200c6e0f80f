using MultiModal.Pipeline.Audio;

namespace MultiModal.Pipeline.Ai.Failover;

/// <summary>A speech engine with another one that is asked where it does not answer. Recordings are cut for the first.</summary>
/// <param name="first">The first engine, behind its circuit breaker.</param>
/// <param name="fallback">The engine that stands in.</param>
/// <param name="insisting">The first engine without the circuit breaker.</param>
internal sealed class FallbackSpeechEngine(ISpeechEngine first, ISpeechEngine fallback, ISpeechEngine insisting) : ISpeechEngine
{
    public EngineIdentity Identity => first.Identity;

    public ISpeechEngine Fallback => fallback;

    public SpeechLimits Limits => first.Limits;

    public SpeechAbilities Abilities => first.Abilities;

    public Task<EngineAnswer<Transcript>> TranscribeAsync(SpeechRequest request, CancellationToken cancellationToken) => FallbackCall.AskAsync(
        () => first.TranscribeAsync(request, cancellationToken),
        () => fallback.TranscribeAsync(request, cancellationToken),
        () => insisting.TranscribeAsync(request, cancellationToken));

    public CallEstimate Estimate(double seconds, string? vocabulary) => first.Estimate(seconds, vocabulary);
}
