namespace MultiModal.Pipeline.Audio;

/// <summary>
/// The parts of a recording in which somebody speaks, judged by level alone or by the probabilities that <see cref="SpeechNetwork"/> gives. It errs
/// towards finding speech where there is none: that costs a little, while the opposite error loses words.
/// </summary>
internal sealed class SpeechMap
{
    // A vowel is louder than its surroundings for about this long; a click is not.
    private const int LoudFrames = 30;

    // Shorter bursts between silences are clicks and crackle.
    private const int ShortestBurst = 4;

    // A plosive is silent for up to about a tenth of a second; people pause for longer.
    private const int ShortestPause = 15;

    // This is the level of the noise, or of the softest sounds where the speaker does not pause.
    private const double QuietShare = 0.10;

    // Speech rises and falls by more than this even in a noisy room; a hum, a hiss and a tone don't.
    private const double LeastDynamicsDb = 6;

    // Soft consonants and word ends are up to about this far below the loudest vowels.
    private const double SpeechRangeDb = 20;

    // The loudest sounds of a soft recording are less than this above Audio:SilenceFloorDb.
    private const double SoftRecordingDb = 10;

    // A word alone has no pause to compare it with. In a clip that is shorter than this, everything that is loud enough is taken for speech.
    private const int ShortClip = 2 * FrameRange.FramesPerSecond;

    // Speech begins at the first of these probabilities, and goes on until it is less probable than the second.
    private const float Begins = 0.5f;
    private const float GoesOn = 0.35f;

    // Speech that is shorter, in frames of the network (96 ms), is a click. The shortest words are longer.
    private const int ShortestSpeech = 3;

    private SpeechMap(float thresholdDb, IReadOnlyList<float> levels, IReadOnlyList<FrameRange> speech) =>
        (ThresholdDb, Levels, Speech) = (thresholdDb, levels, speech);

    /// <summary>Level below which sound is silence, in dBFS.</summary>
    public float ThresholdDb { get; }

    /// <summary>Level of each frame, in dBFS. What is known to be no speech is as low as silence, however loud it is.</summary>
    public IReadOnlyList<float> Levels { get; }

    /// <summary>Ranges of speech, ascending and not overlapping.</summary>
    public IReadOnlyList<FrameRange> Speech { get; }

    /// <returns>Null if nothing in the recording has the energy of speech.</returns>
    public static SpeechMap? FromLevels(IReadOnlyList<float> levels, AudioOptions options)
    {
        var (noise, loudest) = (Noise(levels), Loudest(levels));
        if (loudest < options.SpeechFloorDb) return null;
        if (loudest - noise < LeastDynamicsDb)
        {
            return levels.Count < ShortClip ? new SpeechMap(LevelMeter.DigitalSilenceDb, levels, [new FrameRange(0, levels.Count)]) : null;
        }

        var threshold = Threshold(noise, loudest, options);
        var speech = Runs(levels, level => level >= threshold).Where(run => run.Length >= ShortestBurst).ToList();
        return speech.Count == 0 ? null : new SpeechMap(threshold, levels, speech);
    }

    /// <param name="levels">Level of each frame, in dBFS.</param>
    /// <param name="probabilities">Probability of speech for each <see cref="SpeechNetwork.FrameSamples"/> samples.</param>
    /// <param name="options">The settings.</param>
    /// <returns>Null if nobody speaks.</returns>
    public static SpeechMap? FromProbabilities(IReadOnlyList<float> levels, IReadOnlyList<float> probabilities, AudioOptions options)
    {
        var (noise, loudest) = (Noise(levels), Loudest(levels));
        var speech = new List<FrameRange>();
        foreach (var run in Runs(probabilities, probability => probability >= GoesOn))
        {
            var first = run.Start;
            while (first < run.End && probabilities[first] < Begins) first++;
            if (first == run.End || run.Length < ShortestSpeech) continue;
            speech.Add(new FrameRange(FrameOf(run.Start), Math.Min(levels.Count, FrameOf(run.End))));
        }

        if (loudest < options.SpeechFloorDb || speech.Count == 0) return null;
        var audible = new float[levels.Count];
        Array.Fill(audible, LevelMeter.DigitalSilenceDb);
        foreach (var range in speech)
        {
            for (var i = range.Start; i < range.End; i++) audible[i] = levels[i];
        }

        return new SpeechMap(Threshold(noise, loudest, options), audible, speech);

        static int FrameOf(int networkFrame) => networkFrame * SpeechNetwork.FrameSamples / LevelMeter.FrameSamples;
    }

    /// <summary>The ranges that are sent: speech, a little silence around it, and pauses that are not long.</summary>
    public IReadOnlyList<FrameRange> WithShortPauses(int frameCount, AudioOptions options)
    {
        var padding = FrameRange.FramesOf(options.KeptSilenceSeconds);
        var longestPause = FrameRange.FramesOf(options.LongestPauseSeconds);
        var kept = new List<FrameRange>();
        foreach (var run in Speech)
        {
            var padded = new FrameRange(Math.Max(0, run.Start - padding), Math.Min(frameCount, run.End + padding));
            if (kept.Count > 0 && padded.Start + padding - (kept[^1].End - padding) <= longestPause) kept[^1] = kept[^1] with { End = padded.End };
            else kept.Add(padded);
        }

        return kept;
    }

    /// <summary>
    /// What is said between one pause and the next, ascending and not overlapping: pauses within <see cref="Speech"/> that can be heard separate it too.
    /// </summary>
    public IReadOnlyList<FrameRange> Stretches()
    {
        var stretches = new List<FrameRange>();
        foreach (var run in Runs(Levels, level => level >= ThresholdDb))
        {
            if (stretches.Count > 0 && run.Start - stretches[^1].End < ShortestPause) stretches[^1] = stretches[^1] with { End = run.End };
            else stretches.Add(run);
        }

        return [.. stretches.Where(stretch => stretch.Length >= ShortestBurst)];
    }

    /// <summary>Runs of frames whose levels satisfy <paramref name="belongs"/>.</summary>
    public static IEnumerable<FrameRange> Runs(IReadOnlyList<float> levels, Func<float, bool> belongs)
    {
        var start = -1;
        for (var i = 0; i < levels.Count; i++)
        {
            if (belongs(levels[i]))
            {
                if (start < 0) start = i;
            }
            else if (start >= 0)
            {
                yield return new FrameRange(start, i);
                start = -1;
            }
        }

        if (start >= 0) yield return new FrameRange(start, levels.Count);
    }

    /// <summary>The level below which a tenth of the frames are, in dBFS.</summary>
    public static double Noise(IReadOnlyList<float> levels)
    {
        // Half-decibel bins are finer than anything that is decided by them.
        var bins = new int[(int)(-LevelMeter.DigitalSilenceDb * 2) + 1];
        foreach (var level in levels) bins[Math.Clamp((int)((level - LevelMeter.DigitalSilenceDb) * 2), 0, bins.Length - 1)]++;
        var wanted = (long)(levels.Count * QuietShare);
        long seen = 0;
        for (var bin = 0; bin < bins.Length; bin++)
        {
            seen += bins[bin];
            if (seen > wanted) return LevelMeter.DigitalSilenceDb + (bin / 2.0);
        }

        return LevelMeter.DigitalSilenceDb;
    }

    /// <summary>The level of the loudest third of a second, in dBFS.</summary>
    public static double Loudest(IReadOnlyList<float> levels)
    {
        double sum = 0, most = 0;
        for (var i = 0; i < levels.Count; i++)
        {
            sum += Power(levels[i]);
            if (i >= LoudFrames) sum -= Power(levels[i - LoudFrames]);
            most = Math.Max(most, sum / Math.Min(i + 1, LoudFrames));
        }

        return 10 * Math.Log10(most + 1e-12);
    }

    private static float Threshold(double noise, double loudest, AudioOptions options)
    {
        // In a recording that is soft as a whole, even speech is about as soft as what is silence elsewhere.
        var floor = loudest < options.SilenceFloorDb + SoftRecordingDb ? LevelMeter.DigitalSilenceDb : options.SilenceFloorDb;
        return (float)Math.Clamp(Math.Min(noise + options.SilenceMarginDb, loudest - SpeechRangeDb), floor, options.SilenceCeilingDb);
    }

    private static double Power(float decibels) => Math.Pow(10, decibels / 10);
}
