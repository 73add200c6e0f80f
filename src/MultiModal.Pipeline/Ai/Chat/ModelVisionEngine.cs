using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Ai.Transport;
using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Ai.Chat;

/// <summary>A chat model that takes images.</summary>
internal sealed class ModelVisionEngine(EngineIdentity identity, ChatFamily family, StructuredChat chat) : IVisionEngine
{
    /// <summary>A description, the visible text and tags take about an eighth of the tokens that they are allowed.</summary>
    private const int UsualShare = 8;

    // What a model whose rule is not published may count by; gpt-4o-mini's rule is its own.
    private static readonly ImageRule[] Published = [
        .. ModelFamilies.Chat.Where(f => f.Name != "gpt-4o-mini").Select(f => f.Images).OfType<ImageRule>()];

    public EngineIdentity Identity => identity;

    public ImageTokenRule? TokenRule => family.Sizing;

    public async Task<EngineAnswer<ImageAnalysis>> AnalyzeAsync(VisionRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (family.Sizing == ImageTokenRule.None)
        {
            return new(new Failure(FailureCodes.EngineRejected, $"{identity.Name} does not accept images. Set Ai:Vision to a model that does."));
        }

        using var activity = EngineActivity.Start("chat", identity);
        return activity.Ended(await chat.AskAsync(VisionPrompt.Compose(request), cancellationToken));
    }

    public CallEstimate Estimate(int width, int height, string detail, string? language)
    {
        var known = family.Images?.Count(detail, width, height);
        var tokens = known ?? Published.Max(rule => rule.Count(detail, width, height));
        return CallEstimate.OfChat(tokens, VisionPrompt.Tokens(language), family.OutputTokens, UsualShare, known is not null);
    }
}
