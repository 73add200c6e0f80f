namespace AzureOpenAISimulator.Settings;

/// <summary>How the service behaves beyond its script. The defaults are those that tests without a wish of their own are written for.</summary>
public sealed record SimulatorSettings
{
    /// <summary>
    /// Prompts are remembered and billed so, for models that have a price for it. Off unless a test asks: a bill then follows from its call alone.
    /// </summary>
    public bool PromptCaching { get; init; }

    /// <summary>
    /// The least length of the answer to a chat request, in tokens without reasoning, as a dense page has it: what a model sees or sums up is
    /// drawn out to it. An answer that passes the caller's limit is cut there and billed as far as it goes. Null leaves it to the request.
    /// </summary>
    public int? AnswerTokens { get; init; }

    /// <summary>
    /// Recordings whose words no test has told are listened to: every utterance says the pitch of its voice ("Voice 220 speaks."), at the time when
    /// it sounds. Models that tell speakers apart listen in any case.
    /// </summary>
    public bool HearsVoices { get; init; }

    /// <summary>
    /// Days on which models end at OpenAI, by the name that they are listed under, in place of those that are known of their families; null for one
    /// that no end is announced of.
    /// </summary>
    public IReadOnlyDictionary<string, DateOnly?> Shutdowns { get; init; } = new Dictionary<string, DateOnly?>();
}
