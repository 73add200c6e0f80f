namespace MultiModal.Testing.Media;

/// <summary>Recordings of made voices: each a tone with overtones, told from the others by its pitch.</summary>
public static class ToneVoices
{
    private const int Rate = 16_000;

    /// <summary>A WAV file with utterances one after the other, with a pause before each and after the last.</summary>
    /// <param name="pause">Seconds.</param>
    /// <param name="utterances">Pitch in hertz and length in seconds of each.</param>
    public static byte[] Saying(double pause, params IReadOnlyList<(double Hertz, double Seconds)> utterances)
    {
        var samples = new List<short>();
        foreach (var (hertz, seconds) in utterances)
        {
            samples.AddRange(new short[(int)(pause * Rate)]);
            samples.AddRange(Enumerable.Range(0, (int)(seconds * Rate)).Select(at => Sample(hertz, at)));
        }
        samples.AddRange(new short[(int)(pause * Rate)]);
        return Wav.Of([.. samples]);
    }

    /// <summary>A WAV file as a data URL.</summary>
    public static string DataUrl(byte[] sample) => $"data:audio/wav;base64,{Convert.ToBase64String(sample)}";

    private static short Sample(double hertz, int at)
    {
        var turn = 2 * Math.PI * hertz * at / Rate;
        return (short)(6000 * Math.Sin(turn) + 2500 * Math.Sin(2 * turn) + 1200 * Math.Sin(3 * turn));
    }
}
