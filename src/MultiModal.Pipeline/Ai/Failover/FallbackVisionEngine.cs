using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Ai.Failover;

/// <summary>A vision engine with another one that is asked where it does not answer. Images are prepared for the first.</summary>
/// <param name="first">The first engine, behind its circuit breaker.</param>
/// <param name="fallback">The engine that stands in.</param>
/// <param name="insisting">The first engine without the circuit breaker.</param>
internal sealed class FallbackVisionEngine(IVisionEngine first, IVisionEngine fallback, IVisionEngine insisting) : IVisionEngine
{
    public EngineIdentity Identity => first.Identity;

    public IVisionEngine Fallback => fallback;

    public ImageTokenRule? TokenRule => first.TokenRule;

    public ImageReader Reader => first.Reader;

    public Task<EngineAnswer<ImageAnalysis>> AnalyzeAsync(VisionRequest request, CancellationToken cancellationToken) => FallbackCall.AskAsync(
        () => first.AnalyzeAsync(request, cancellationToken),
        () => fallback.AnalyzeAsync(request, cancellationToken),
        () => insisting.AnalyzeAsync(request, cancellationToken));

    public CallEstimate Estimate(int width, int height, string detail, string? language) => first.Estimate(width, height, detail, language);

    public bool AsksFlex(bool patient) => first.AsksFlex(patient);
}
