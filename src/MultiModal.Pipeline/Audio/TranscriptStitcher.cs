namespace MultiModal.Pipeline.Audio;

/// <summary>Joins the transcripts of a recording's pieces. Pieces do not overlap, so every word occurs once.</summary>
public static class TranscriptStitcher
{
    /// <param name="plan">Plan of how the recording was cut.</param>
    /// <param name="pieces">One transcript for each piece of the plan, with times from its start; null for a piece that was lost.</param>
    /// <param name="speakers">What speakers are called; null to leave out who speaks.</param>
    /// <returns>Segments in ascending order without overlaps, with times in the original.</returns>
    public static StitchedTranscript Stitch(AudioPlan plan, IReadOnlyList<Transcript?> pieces, SpeakerNames? speakers = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(pieces);
        ArgumentOutOfRangeException.ThrowIfNotEqual(pieces.Count, plan.Chunks.Count);
        var segments = new List<TranscriptSegment>();
        var gaps = new List<TranscriptGap>();
        double reached = 0;
        for (var i = 0; i < pieces.Count; i++)
        {
            var chunk = plan.Chunks[i];
            if (pieces[i] is not { } piece)
            {
                var gap = new TranscriptGap(i, StartInOriginal(0, chunk), EndInOriginal(chunk.DurationSeconds, chunk));
                gaps.Add(gap);
                Add(gap.StartSeconds, gap.EndSeconds, StitchedTranscript.GapText, null);
                continue;
            }

            // An engine that gives no times answers with one segment, and we know when somebody spoke.
            if (chunk.Speech is { Count: > 0 } speech && piece.Segments is [var whole])
            {
                foreach (var (start, end, text, _) in WordPlacement.Place(whole.Text, speech)) Add(start, end, text, null);
                continue;
            }

            foreach (var segment in piece.Segments)
            {
                var text = segment.Text.Trim();
                if (text.Length == 0) continue;
                Add(
                    StartInOriginal(segment.StartSeconds, chunk), EndInOriginal(segment.EndSeconds, chunk), text, speakers?.Find(i, segment.Speaker));
            }
        }

        return new StitchedTranscript(new Transcript(segments, LanguageOf(pieces), pieces.Any(piece => piece is { Uncertain: true })), gaps);

        void Add(double start, double end, string text, string? speaker)
        {
            // Engines' times may overlap by a little or run past the end of the piece.
            start = Math.Max(start, reached);
            reached = Math.Max(start, end);
            segments.Add(new TranscriptSegment(start, reached, text, speaker));
        }
    }

    // Where two spans meet, a start belongs to the later one and an end to the earlier one: the speech is away from the join.
    private static double StartInOriginal(double seconds, AudioPlanChunk chunk) =>
        chunk.Spans.Count == 0 ? Within(seconds, chunk) : InSpan(seconds, chunk.Spans.LastOrDefault(s => s.ChunkStart <= seconds) ?? chunk.Spans[0]);

    private static double EndInOriginal(double seconds, AudioPlanChunk chunk) =>
        chunk.Spans.Count == 0 ? Within(seconds, chunk) : InSpan(seconds, chunk.Spans.LastOrDefault(s => s.ChunkStart < seconds) ?? chunk.Spans[0]);

    private static double InSpan(double seconds, ChunkSpan span) => span.OriginalStart + Math.Clamp(seconds - span.ChunkStart, 0, span.Seconds);

    private static double Within(double seconds, AudioPlanChunk chunk) =>
        Math.Clamp(seconds, 0, chunk.DurationSeconds > 0 ? chunk.DurationSeconds : double.MaxValue);

    private static string? LanguageOf(IEnumerable<Transcript?> pieces) => pieces
        .Where(p => p?.Language is not null)
        .GroupBy(p => p!.Language)
        .MaxBy(g => g.Sum(p => p!.Text.Length))
        ?.Key;
}
