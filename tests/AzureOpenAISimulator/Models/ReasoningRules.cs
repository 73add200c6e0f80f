namespace AzureOpenAISimulator.Models;

/// <summary>
/// What a model that reasons before it answers takes and refuses. All of them refuse <c>max_tokens</c>, penalties, log probabilities and logit bias
/// (learn.microsoft.com, Azure OpenAI "Reasoning models", "Not supported").
/// </summary>
/// <param name="Efforts">Values of <c>reasoning_effort</c> that are taken.</param>
/// <param name="DefaultEffort">What holds where the request names none.</param>
public sealed record ReasoningRules(IReadOnlyList<string> Efforts, string DefaultEffort)
{
    /// <summary>The effort at which a model spends no reasoning tokens.</summary>
    public const string NoEffort = "none";

    /// <summary>Taken by the Responses API alone: Azure refuses it in chat completions (footnote of its "Reasoning models", October 2026).</summary>
    public const string ResponsesOnAzure = "max";

    /// <summary><c>temperature</c> and <c>top_p</c> are taken at <see cref="NoEffort"/>; false where they never are.</summary>
    public bool SamplingAtNoEffort { get; init; }

    /// <summary><c>stop</c> is refused (seen on gpt-5.6).</summary>
    public bool RefusesStop { get; init; }

    /// <summary><c>minimal</c> is known to the first gpt-5 models only.</summary>
    public static ReasoningRules Gpt5 { get; } = new(["minimal", "low", "medium", "high"], "medium");

    /// <summary>o1, o3, o3-mini, o4-mini.</summary>
    public static ReasoningRules OSeries { get; } = new(["low", "medium", "high"], "medium");

    public static ReasoningRules Gpt51 { get; } = new([NoEffort, "low", "medium", "high"], NoEffort) { SamplingAtNoEffort = true };

    /// <summary>gpt-5.2 to gpt-5.5. The default of 5.2 and 5.4 is not published; it is taken to be that of 5.1.</summary>
    public static ReasoningRules Gpt52 { get; } = new([NoEffort, "low", "medium", "high", "xhigh"], NoEffort) { SamplingAtNoEffort = true };

    /// <summary>gpt-5.6, gpt-6-luna, gpt-6-sol and gpt-6.1-terra.</summary>
    public static ReasoningRules Gpt56 { get; } =
        new([NoEffort, "low", "medium", "high", "xhigh", "max"], "medium") { SamplingAtNoEffort = true, RefusesStop = true };

    /// <summary>gpt-6-astra and gpt-6.1-sol, which always reason.</summary>
    public static ReasoningRules Always { get; } = new(["low", "medium", "high", "xhigh", "max"], "medium") { RefusesStop = true };
}
