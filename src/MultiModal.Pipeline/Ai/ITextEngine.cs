namespace MultiModal.Pipeline.Ai;

/// <summary>
/// An engine that writes the synthesis. It is safe for concurrent use, limits its own concurrency
/// (<c>Ai:MaxConcurrency</c>) and retries provider faults itself.
/// </summary>
public interface ITextEngine
{
    EngineIdentity Identity { get; }

    /// <summary>The engine that is asked where this one does not answer; null for none.</summary>
    ITextEngine? Fallback => null;

    /// <returns>The document or a failure. The method never throws for anything the provider or the text does; only for cancellation.</returns>
    Task<EngineAnswer<SynthesisDocument>> SynthesizeAsync(SynthesisRequest request, CancellationToken cancellationToken);

    /// <summary>The usage to expect of <see cref="SynthesizeAsync"/>; nothing for an engine that costs nothing.</summary>
    CallEstimate Estimate(SynthesisRequest request) => CallEstimate.Nothing;

    /// <summary>Whether a request is asked at <c>service_tier: flex</c>, which costs half.</summary>
    /// <param name="patient">Whether the batch has the patience.</param>
    bool AsksFlex(bool patient) => false;
}
