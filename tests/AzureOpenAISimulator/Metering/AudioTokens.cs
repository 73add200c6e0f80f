namespace AzureOpenAISimulator.Metering;

/// <summary>
/// What recordings in openai/openai-dotnet <c>tests/SessionRecords/TranscriptionTests</c> show: 1.7 s were 17 audio tokens and 2 billed seconds,
/// 6.46 s were 64 audio tokens. Whisper is billed "rounded to the nearest second" (OpenAI's pricing page).
/// </summary>
public static class AudioTokens
{
    public static int Of(double seconds) => (int)Math.Floor(seconds * 10 + 1e-6);

    public static int BilledSeconds(double seconds) => (int)Math.Round(seconds, MidpointRounding.AwayFromZero);
}
