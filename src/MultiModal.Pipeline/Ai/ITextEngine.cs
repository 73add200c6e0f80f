namespace MultiModal.Pipeline.Ai;

/// <summary>Synthesizes. Safe for concurrent use; bounds its own concurrency (<c>Ai:MaxConcurrency</c>) and retries provider faults itself.</summary>
public interface ITextEngine
{
    EngineIdentity Identity { get; }

    /// <returns>Never throws for anything the provider or the text does; only for cancellation.</returns>
    Task<EngineAnswer<SynthesisDocument>> SynthesizeAsync(SynthesisRequest request, CancellationToken cancellationToken);

    /// <summary>What <see cref="SynthesizeAsync"/> will use; nothing for an engine that costs nothing.</summary>
    CallEstimate Estimate(SynthesisRequest request) => CallEstimate.Nothing;
}
