using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Ai;

/// <summary>
/// An engine that looks at images. It is safe for concurrent use, limits its own concurrency
/// (<c>Ai:MaxConcurrency</c>) and retries provider faults itself.
/// </summary>
public interface IVisionEngine
{
    EngineIdentity Identity { get; }

    /// <summary>The engine that is asked where this one does not answer; null for none.</summary>
    IVisionEngine? Fallback => null;

    /// <summary>How images are sized for it; null for an engine that does not count them in tokens.</summary>
    ImageTokenRule? TokenRule { get; }

    /// <summary>How images are seen and counted by it.</summary>
    ImageReader Reader => ImageReader.Here;

    /// <returns>The reading or a failure. The method never throws for anything the provider, the program or the image does; only for
    /// cancellation.</returns>
    Task<EngineAnswer<ImageAnalysis>> AnalyzeAsync(VisionRequest request, CancellationToken cancellationToken);

    /// <summary>The usage to expect of <see cref="AnalyzeAsync"/> for an image of this size; nothing for an engine that costs nothing.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="detail">Value of <see cref="VisionRequest.Detail"/>.</param>
    /// <param name="language">Value of <see cref="VisionRequest.Language"/>.</param>
    CallEstimate Estimate(int width, int height, string detail, string? language) => CallEstimate.Nothing;

    /// <summary>Whether a request is asked at <c>service_tier: flex</c>, which costs half.</summary>
    /// <param name="patient">Whether the batch has the patience.</param>
    bool AsksFlex(bool patient) => false;
}
