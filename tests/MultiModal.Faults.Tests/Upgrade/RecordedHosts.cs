namespace MultiModal.Faults.Tests.Upgrade;

/// <summary>
/// The settings of the three hosts that worked on the recorded account, one after the other. They stay as they are, whatever today's defaults are,
/// because they are part of the keys of what is cached.
/// </summary>
internal static class RecordedHosts
{
    /// <summary>The host with Azure OpenAI, where each deployment is named like its model.</summary>
    /// <param name="storage">Connection string.</param>
    /// <param name="endpoint">The simulator's.</param>
    /// <param name="key">The key that the simulator accepts.</param>
    public static string[] Azure(string storage, Uri endpoint, string key) =>
    [
        .. Common(storage),
        $"AZURE_OPENAI_ENDPOINT={endpoint}",
        $"AZURE_OPENAI_API_KEY={key}",
        "Ai:Vision:Deployment=gpt-4.1-mini",
        "Ai:Text:Deployment=gpt-4.1-mini",
        "Ai:Speech:Deployment=whisper",
    ];

    /// <summary>
    /// The host with an OpenAI-compatible server. Its models belong to other families: one counts images in tiles, one reasons, and one is billed by
    /// tokens of sound.
    /// </summary>
    /// <inheritdoc cref="Azure"/>
    public static string[] Compatible(string storage, Uri endpoint, string key) =>
    [
        .. Common(storage),
        $"OPENAI_BASE_URL={new Uri(endpoint, "v1")}",
        $"OPENAI_API_KEY={key}",
        "Ai:Vision:Model=gpt-4o",
        "Ai:Text:Model=gpt-5-mini",
        "Ai:Speech:Model=gpt-4o-mini-transcribe",
    ];

    /// <summary>The host that asks no model.</summary>
    /// <param name="storage">Connection string.</param>
    public static string[] Offline(string storage) =>
        [.. Common(storage), "Ai:Vision:Engine=Offline", "Ai:Text:Engine=Offline", "Ai:Speech:Engine=Offline"];

    private static string[] Common(string storage) =>
    [
        $"Storage:ConnectionString={storage}",
        "LocalHost:PollInterval=00:00:00.2",
        "Pipeline:QuietPeriod=00:00:00.5",
        // So little that a few short texts make a synthesis of several levels.
        "Ai:SynthesisInputTokens=1000",
        "Ai:MaxAttempts=2",
        "Ai:MaxRetryDelaySeconds=1",
    ];
}
