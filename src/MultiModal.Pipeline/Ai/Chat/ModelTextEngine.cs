using System.Globalization;
using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Ai.Transport;

namespace MultiModal.Pipeline.Ai.Chat;

/// <summary>A chat model that writes the synthesis.</summary>
internal sealed class ModelTextEngine(EngineIdentity identity, ChatFamily family, StructuredChat chat) : ITextEngine
{
    /// <summary>A title, a few paragraphs and the lists after them, in tokens.</summary>
    private const int UsualTokens = 300;

    /// <summary>A document takes up to a quarter of the tokens that it is allowed.</summary>
    private const int ReservedShare = 4;

    public EngineIdentity Identity => identity;

    public async Task<EngineAnswer<SynthesisDocument>> SynthesizeAsync(SynthesisRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var needed = SynthesisPrompt.Tokens(request) + family.OutputTokens;
        if (needed > family.ContextTokens)
        {
            return new(new Failure(FailureCodes.PromptTooLong, string.Create(CultureInfo.InvariantCulture,
                $"The input and its answer need about {needed:N0} tokens, and the context window of {identity.Name} has {family.ContextTokens:N0}. Lower Ai:SynthesisInputTokens, or set Ai:Text:ContextTokens if the window is larger.")));
        }

        using var activity = EngineActivity.Start("chat", identity);
        return activity.Ended(await chat.AskAsync(SynthesisPrompt.Compose(request) with { Flex = AsksFlex(request.Patient) }, cancellationToken));
    }

    public CallEstimate Estimate(SynthesisRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return CallEstimate.OfChat(0, SynthesisPrompt.Tokens(request), family.OutputTokens, UsualTokens, ReservedShare);
    }

    public bool AsksFlex(bool patient) => family.Flex == FlexUse.Always || (patient && family.Flex == FlexUse.OnRequest);
}
