namespace MultiModal.Pipeline.Ai.Providers;

/// <summary>A chat model that takes images.</summary>
internal sealed class ModelVisionEngine(EngineIdentity identity, ChatFamily family, StructuredChat chat) : IVisionEngine
{
    public EngineIdentity Identity => identity;

    public ImageTokenRule? TokenRule => family.ImageTokens;

    public async Task<EngineAnswer<ImageAnalysis>> AnalyzeAsync(VisionRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (family.ImageTokens == ImageTokenRule.None)
        {
            return new(new Failure(FailureCodes.EngineRejected, $"{identity.Name} takes no images. Set Ai:Vision to a model that does."));
        }

        using var activity = EngineActivity.Start("chat", identity);
        return activity.Ended(await chat.AskAsync(VisionPrompt.Ask(request), cancellationToken));
    }
}
