namespace MultiModal.Pipeline.Audio;

/// <summary>What a recording costs in the units that providers bill. Figures: openai/openai-dotnet, tests/SessionRecords/TranscriptionTests.</summary>
public static class AudioMeter
{
    private const double Rounding = 1e-6;

    /// <summary>Of models billed by duration: "rounded to the nearest second" (OpenAI's pricing page); 1.7 s were 2.</summary>
    public static int BilledSeconds(double seconds) => (int)Math.Round(seconds, MidpointRounding.AwayFromZero);

    /// <summary>Of models billed by token: ten a second; 1.7 s were 17 and 6.46 s were 64.</summary>
    public static int Tokens(double seconds) => (int)Math.Floor((seconds * 10) + Rounding);
}
