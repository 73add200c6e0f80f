using MultiModal.Pipeline.Ai.Providers;

namespace MultiModal.Pipeline.Ai;

/// <summary>Looks at images. Safe for concurrent use; bounds its own concurrency (<c>Ai:MaxConcurrency</c>) and retries provider faults itself.</summary>
public interface IVisionEngine
{
    EngineIdentity Identity { get; }

    /// <summary>How it counts an image in tokens; null for an engine that counts none.</summary>
    ImageTokenRule? TokenRule { get; }

    /// <returns>Never throws for anything the provider, the program or the image does; only for cancellation.</returns>
    Task<EngineAnswer<ImageAnalysis>> AnalyzeAsync(VisionRequest request, CancellationToken cancellationToken);
}
