using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Ai.Transport;
using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Ai.Chat;

/// <summary>A chat model that takes images.</summary>
/// <param name="identity">Identity of the engine.</param>
/// <param name="family">How the model is asked.</param>
/// <param name="chat">Asks it.</param>
/// <param name="published">What a model whose rule is not published may count images by; the dearest is reserved.</param>
internal sealed class ModelVisionEngine(EngineIdentity identity, ChatFamily family, StructuredChat chat, IReadOnlyList<ImageRule> published)
    : IVisionEngine
{
    /// <summary>Three sentences, a dozen tags, a line of visible text and the JSON around them, in tokens.</summary>
    private const int UsualTokens = 100;

    /// <summary>A description, the visible text and tags take up to an eighth of the tokens that a model is usually allowed.</summary>
    private const int ReservedShare = 8;

    /// <summary>
    /// Pixels of the image for each token of text that may be in it. A Latin letter that can be read has 6 by 12 pixels or more, and there are three
    /// to four to a token; a Chinese character has 16 by 16, and is a token.
    /// </summary>
    private const int PixelsPerToken = 256;

    /// <summary>Room in an answer for description, tags and the JSON around them, in tokens.</summary>
    private const int DescriptionTokens = 1_024;

    /// <summary>Room in an answer for what a model thinks before it, where it does not do without, in tokens.</summary>
    private const int ReasoningTokens = 8_192;

    public EngineIdentity Identity => identity;

    public ImageTokenRule? TokenRule => family.Sizing;

    public ImageReader Reader { get; } = ImageReader.OfModel(family.Images, VisionPrompt.UsualTokens);

    public async Task<EngineAnswer<ImageAnalysis>> AnalyzeAsync(VisionRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (family.Sizing == ImageTokenRule.None)
        {
            return new(new Failure(FailureCodes.EngineRejected, $"{identity.Name} does not accept images. Set Ai:Vision to a model that does."));
        }

        using var activity = EngineActivity.Start("chat", identity);
        var room = AnswerTokens(family, request.Width, request.Height);
        return activity.Ended(await chat.AskAsync(VisionPrompt.Compose(request, room) with { Flex = AsksFlex(request.Patient) }, cancellationToken));
    }

    /// <summary>
    /// The longest answer that is asked for: what an image of this size, filled with small print, needs; never less than what is usual for the model,
    /// and never more than it can answer. (Azure counts it towards the quota of tokens a minute, so that it is not simply the most.)
    /// </summary>
    internal static int AnswerTokens(ChatFamily family, int width, int height)
    {
        var reasoning = family.ReasoningEffort is null or "none" or "minimal" ? 0 : ReasoningTokens;
        var needed = DescriptionTokens + reasoning + ((long)width * height / PixelsPerToken);
        return (int)Math.Clamp(needed, family.OutputTokens, Math.Max(family.OutputTokens, family.MaxOutputTokens));
    }

    public CallEstimate Estimate(int width, int height, string detail, string? language)
    {
        var known = family.Images?.Count(detail, width, height);
        var tokens = known ?? published.Max(rule => rule.Count(detail, width, height));
        var estimate = CallEstimate.OfChat(tokens, VisionPrompt.Tokens(language), family.OutputTokens, UsualTokens, ReservedShare, known is not null);
        return estimate with { Most = estimate.Most with { OutputTokens = AnswerTokens(family, width, height) } };
    }

    public bool AsksFlex(bool patient) => family.Flex == FlexUse.Always || (patient && family.Flex == FlexUse.OnRequest);
}
