namespace MultiModal.Pipeline.Audio;

/// <summary>Finds the cuts of a recording: in pauses, near the target length.</summary>
internal static class ChunkCutter
{
    private const int FramesPerSecond = FrameRange.FramesPerSecond;

    /// <summary>Largest distance from the target at which a pause is looked for, in seconds.</summary>
    public const int SearchSeconds = 15;

    // This is longer than the closure before any plosive, so that the pause lies between words.
    private const int ShortestPause = 3 * FramesPerSecond / 10;

    // A cut stays this far from the speech on either side, where the pause allows.
    private const int PauseMargin = FramesPerSecond / 4;

    private const int QuietWindow = FramesPerSecond / 5;

    /// <param name="levels">Levels of the frames that are sent, in order, in dBFS.</param>
    /// <param name="silenceBelow">Level below which a frame is silence, in dBFS.</param>
    /// <param name="targetSeconds">Target length of a piece, in seconds.</param>
    /// <param name="maxSeconds">Longest length of a piece, in seconds.</param>
    /// <returns>The pieces, in order, without gaps.</returns>
    public static IReadOnlyList<FrameRange> Cut(IReadOnlyList<float> levels, float silenceBelow, double targetSeconds, double maxSeconds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSeconds, 1);
        var max = (int)Math.Min(int.MaxValue, maxSeconds * FramesPerSecond);
        var target = (int)Math.Min(max, targetSeconds * FramesPerSecond);
        var reach = Math.Min(SearchSeconds * FramesPerSecond, target / 2);
        var pauses = SpeechMap.Runs(levels, level => level < silenceBelow).Where(run => run.Length >= ShortestPause).ToList();
        var pieces = new List<FrameRange>();
        var start = 0;
        // A rest that fits is sent whole, because a very short piece would be left otherwise.
        while (levels.Count - start > Math.Min(max, target + reach))
        {
            var window = new FrameRange(start + target - reach, (int)Math.Min((long)start + target + reach, (long)start + max));
            var cut = NearestPause(pauses, window, start + target) ?? Quietest(levels, window, start + target);
            pieces.Add(new FrameRange(start, cut));
            start = cut;
        }

        pieces.Add(new FrameRange(start, levels.Count));
        return pieces;
    }

    /// <summary>
    /// Removes silence longer than <paramref name="keptFrames"/> from the ends of a piece, because a cut may lie anywhere in a pause.
    /// </summary>
    public static FrameRange WithoutEdges(FrameRange piece, IReadOnlyList<float> levels, float silenceBelow, int keptFrames)
    {
        var (first, last) = (piece.Start, piece.End - 1);
        while (first < last && levels[first] < silenceBelow) first++;
        while (last > first && levels[last] < silenceBelow) last--;
        return new FrameRange(Math.Max(piece.Start, first - keptFrames), Math.Min(piece.End, last + 1 + keptFrames));
    }

    private static int? NearestPause(List<FrameRange> pauses, FrameRange window, int target)
    {
        int? best = null;
        foreach (var pause in pauses)
        {
            if (pause.End < window.Start) continue;
            if (pause.Start > window.End) break;
            var margin = Math.Min(PauseMargin, pause.Length / 2);
            var point = Math.Clamp(target, pause.Start + margin, pause.End - margin);
            if (point >= window.Start && point <= window.End
                && (best is null || Math.Abs(point - target) < Math.Abs(best.Value - target))) best = point;
        }

        return best;
    }

    private static int Quietest(IReadOnlyList<float> levels, FrameRange window, int target)
    {
        var (best, least) = (window.End, double.MaxValue);
        double sum = 0;
        for (var i = window.Start; i < window.End; i++)
        {
            sum += Power(levels[i]);
            if (i - window.Start >= QuietWindow) sum -= Power(levels[i - QuietWindow]);
            if (i - window.Start < QuietWindow - 1) continue;
            var middle = i + 1 - (QuietWindow / 2);
            if (sum < least || (sum == least && Math.Abs(middle - target) < Math.Abs(best - target))) (best, least) = (middle, sum);
        }

        return best;
    }

    private static double Power(float decibels) => Math.Pow(10, decibels / 10);
}
