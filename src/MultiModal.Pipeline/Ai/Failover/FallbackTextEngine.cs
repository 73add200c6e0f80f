namespace MultiModal.Pipeline.Ai.Failover;

/// <summary>A text engine with another one that is asked where it does not answer. Inputs are grouped for the first.</summary>
/// <param name="first">The first engine, behind its circuit breaker.</param>
/// <param name="fallback">The engine that stands in.</param>
/// <param name="insisting">The first engine without the circuit breaker.</param>
internal sealed class FallbackTextEngine(ITextEngine first, ITextEngine fallback, ITextEngine insisting) : ITextEngine
{
    public EngineIdentity Identity => first.Identity;

    public ITextEngine Fallback => fallback;

    public Task<EngineAnswer<SynthesisDocument>> SynthesizeAsync(
        SynthesisRequest request, CancellationToken cancellationToken) => FallbackCall.AskAsync(
        () => first.SynthesizeAsync(request, cancellationToken),
        () => fallback.SynthesizeAsync(request, cancellationToken),
        () => insisting.SynthesizeAsync(request, cancellationToken));

    public CallEstimate Estimate(SynthesisRequest request) => first.Estimate(request);

    public bool AsksFlex(bool patient) => first.AsksFlex(patient);
}
