using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Ai.Transport;
using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Ai.Chat;

/// <summary>A chat model that takes images.</summary>
internal sealed class ModelVisionEngine(EngineIdentity identity, ChatFamily family, StructuredChat chat) : IVisionEngine
{
    /// <summary>A description, the visible text and tags take about an eighth of the room that they are given.</summary>
    private const int UsualShare = 8;

    // What current models count by; gpt-4o-mini's rule is its own.
    private static readonly ImageTokenRule[] Dearest = [ImageTokenRule.Tile85, ImageTokenRule.Patch246];

    public EngineIdentity Identity => identity;

    public ImageTokenRule? TokenRule => family.ImageTokens;

    public async Task<EngineAnswer<ImageAnalysis>> AnalyzeAsync(VisionRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (family.ImageTokens == ImageTokenRule.None)
        {
            return new(new Failure(FailureCodes.EngineRejected, $"{identity.Name} does not accept images. Set Ai:Vision to a model that does."));
        }

        using var activity = EngineActivity.Start("chat", identity);
        return activity.Ended(await chat.AskAsync(VisionPrompt.Compose(request), cancellationToken));
    }

    public CallEstimate Estimate(int width, int height, string detail, string? language)
    {
        var known = VisionTokens.Count(family.ImageTokens, detail, width, height);
        var tokens = known ?? Dearest.Max(rule => VisionTokens.Count(rule, detail, width, height)!.Value);
        return CallEstimate.OfChat(tokens, VisionPrompt.Tokens(language), family.OutputTokens, UsualShare, known is not null);
    }
}
