namespace AzureOpenAISimulator.Hearing;

/// <summary>Hears who speaks when: stretches of sound between pauses, divided where the pitch changes for good.</summary>
public static class Listener
{
    private const int Frame = Waveform.Rate / 25;
    private const double FrameSeconds = (double)Frame / Waveform.Rate;
    private const int LookAhead = Waveform.Rate / 60 + 2;

    /// <summary>A pause is at least 0.3 s.</summary>
    private const int PauseFrames = 8;

    /// <summary>What is shorter than 0.12 s is a click.</summary>
    private const int ClickFrames = 2;

    /// <summary>Another pitch within a stretch is another voice where it lasts for 0.2 s.</summary>
    private const int ChangeFrames = 5;

    private const double Silence = 0.003;

    /// <returns>In the order of time.</returns>
    public static IReadOnlyList<Utterance> Listen(Waveform sound)
    {
        var loudness = Loudness(sound.Samples);
        if (loudness.Length == 0) return [];
        var threshold = Math.Max(Silence, loudness.Order().ElementAt(loudness.Length * 19 / 20) / 10);
        var utterances = new List<Utterance>();
        for (var at = 0; at < loudness.Length; at++)
        {
            if (loudness[at] < threshold) continue;
            var end = at + 1;
            for (var next = end; next < loudness.Length && next - end < PauseFrames; next++)
            {
                if (loudness[next] >= threshold) end = next + 1;
            }
            if (end - at > ClickFrames) utterances.AddRange(Divide(sound.Samples, at, end));
            at = end;
        }
        return utterances;
    }

    private static double[] Loudness(ReadOnlySpan<float> samples)
    {
        var loudness = new double[samples.Length / Frame];
        for (var frame = 0; frame < loudness.Length; frame++)
        {
            double sum = 0;
            foreach (var sample in samples.Slice(frame * Frame, Frame)) sum += sample * sample;
            loudness[frame] = Math.Sqrt(sum / Frame);
        }
        return loudness;
    }

    private static List<Utterance> Divide(ReadOnlySpan<float> samples, int from, int to)
    {
        var utterances = new List<Utterance>();
        var voice = new List<double>();
        var other = new List<double>();
        int start = from, otherStart = from;
        for (var frame = from; frame < to; frame++)
        {
            var sound = samples.Slice(frame * Frame, Math.Min(Frame + LookAhead, samples.Length - frame * Frame));
            if (Pitch.Of(sound) is not { } pitch) continue;
            if (voice.Count == 0 || SameWithin(1.2, pitch, Median(voice)))
            {
                voice.AddRange(other);
                other.Clear();
                voice.Add(pitch);
                continue;
            }
            if (other.Count > 0 && !SameWithin(1.1, pitch, Median(other)))
            {
                voice.AddRange(other);
                other.Clear();
            }
            if (other.Count == 0) otherStart = frame;
            other.Add(pitch);
            if (other.Count < ChangeFrames) continue;
            utterances.Add(Heard(start, otherStart, voice));
            (start, voice, other) = (otherStart, other, []);
        }
        utterances.Add(Heard(start, to, voice));
        return utterances;
    }

    private static Utterance Heard(int from, int to, List<double> pitches) =>
        new(from * FrameSeconds, to * FrameSeconds, pitches.Count == 0 ? 0 : Median(pitches));

    internal static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    internal static bool SameWithin(double ratio, double a, double b) => Math.Max(a, b) <= Math.Min(a, b) * ratio;
}
