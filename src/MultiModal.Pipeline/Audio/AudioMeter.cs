namespace MultiModal.Pipeline.Audio;

/// <summary>
/// The cost of a recording in the units that providers bill. Figures: openai/openai-dotnet, tests/SessionRecords/TranscriptionTests.
/// </summary>
public static class AudioMeter
{
    private const double Rounding = 1e-6;

    /// <summary>
    /// Seconds billed by models that bill duration: "rounded to the nearest second" (OpenAI's pricing page); 1.7 s were billed as 2.
    /// </summary>
    public static int BilledSeconds(double seconds) => (int)Math.Round(seconds, MidpointRounding.AwayFromZero);

    /// <summary>Tokens billed by models that bill tokens: ten a second; 1.7 s were billed as 17 and 6.46 s as 64.</summary>
    public static int Tokens(double seconds) => (int)Math.Floor((seconds * 10) + Rounding);
}
