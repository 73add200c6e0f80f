using System.Globalization;

namespace AzureOpenAISimulator.Hearing;

/// <summary>A stretch of sound of one voice.</summary>
/// <param name="Start">Seconds from the beginning of the recording.</param>
/// <param name="End">Seconds from the beginning of the recording.</param>
/// <param name="Hertz">The voice's pitch; 0 for noise.</param>
public sealed record Utterance(double Start, double End, double Hertz)
{
    /// <summary>What the simulator makes of it where it was told no words: a test that made the sound can foresee them.</summary>
    public string Words => Hertz == 0 ? "Noise." : string.Create(CultureInfo.InvariantCulture, $"Voice {Math.Round(Hertz / 10) * 10:0} speaks.");
}
