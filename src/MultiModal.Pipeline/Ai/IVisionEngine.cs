using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Ai;

/// <summary>Looks at images. Safe for concurrent use; bounds its own concurrency (<c>Ai:MaxConcurrency</c>) and retries provider faults itself.</summary>
public interface IVisionEngine
{
    EngineIdentity Identity { get; }

    /// <summary>How images are sized for it; null for an engine that does not count them in tokens.</summary>
    ImageTokenRule? TokenRule { get; }

    /// <returns>Never throws for anything the provider, the program or the image does; only for cancellation.</returns>
    Task<EngineAnswer<ImageAnalysis>> AnalyzeAsync(VisionRequest request, CancellationToken cancellationToken);

    /// <summary>What <see cref="AnalyzeAsync"/> will use for an image of this size; nothing for an engine that costs nothing.</summary>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="detail">As <see cref="VisionRequest.Detail"/>.</param>
    /// <param name="language">As <see cref="VisionRequest.Language"/>.</param>
    CallEstimate Estimate(int width, int height, string detail, string? language) => CallEstimate.Nothing;
}
