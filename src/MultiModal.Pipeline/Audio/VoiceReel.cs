namespace MultiModal.Pipeline.Audio;

/// <summary>
/// Samples of voices one after the other, with a second of silence around each: a recording by which an engine tells whose voices are the same.
/// </summary>
internal sealed class VoiceReel
{
    private const double PauseSeconds = 1;

    // As a reference has, and as little as is enough to know a voice by.
    private const double LongestClip = 8;
    private const double ShortestClip = 2;

    private VoiceReel(IReadOnlyList<VoiceClip> clips) => Clips = clips;

    /// <summary>The samples in order.</summary>
    public IReadOnlyList<VoiceClip> Clips { get; }

    /// <summary>Length of the whole, in seconds.</summary>
    public double Seconds => Clips.Count == 0 ? 0 : Clips[^1].EndSeconds + PauseSeconds;

    /// <param name="voices">The voices to compare. Those without a sample are left out, and so are the last of more than fit.</param>
    /// <param name="maxSeconds">What the engine takes at once, in seconds.</param>
    public static VoiceReel Of(IEnumerable<PieceVoice> voices, double maxSeconds)
    {
        var sampled = voices.Where(voice => voice.Sample.Count > 0).ToList();

        // A second is left over, so that rounding leaves no voice out.
        var longest = Math.Clamp(((maxSeconds - (2 * PauseSeconds)) / Math.Max(1, sampled.Count)) - PauseSeconds, ShortestClip, LongestClip);
        var clips = new List<VoiceClip>();
        var at = PauseSeconds;
        foreach (var voice in sampled)
        {
            var sample = Beginning(voice.Sample, longest);
            var end = at + sample.Sum(span => span.EndSeconds - span.StartSeconds);
            if (end + PauseSeconds > maxSeconds) break;
            clips.Add(new VoiceClip(voice with { Sample = sample }, at, end));
            at = end + PauseSeconds;
        }

        return new VoiceReel(clips);
    }

    /// <summary>The reel as a WAV file.</summary>
    /// <param name="samples">Samples of each clip, 16 kHz, mono and 16 bits.</param>
    public byte[] ToWav(IReadOnlyList<byte[]> samples)
    {
        var pcm = new byte[BytesAt(Seconds)];
        foreach (var (clip, sample) in Clips.Zip(samples))
        {
            sample.AsSpan(0, Math.Min(sample.Length, BytesAt(clip.Seconds))).CopyTo(pcm.AsSpan(BytesAt(clip.StartSeconds)));
        }

        return WavFile.Of(pcm);
    }

    /// <summary>Which voices an engine heard as the same.</summary>
    /// <param name="heard">Transcript of the reel.</param>
    public VoiceMatch Match(Transcript heard)
    {
        var voices = new List<MatchedVoice>();
        foreach (var clip in Clips)
        {
            // The engine may hear somebody else in the background, or divide a clip.
            var speaker = heard.Segments.Where(s => s.Speaker is not null).GroupBy(s => s.Speaker!)
                .Select(s => (Name: s.Key, Seconds: s.Sum(segment => Overlap(segment, clip)))).Where(s => s.Seconds > clip.Seconds / 4)
                .OrderByDescending(s => s.Seconds).FirstOrDefault();
            if (speaker.Name is { } name) voices.Add(new MatchedVoice(clip.Voice.Part, clip.Voice.Label, name));
        }

        return new VoiceMatch(voices);
    }

    private static double Overlap(TranscriptSegment segment, VoiceClip clip) =>
        Math.Max(0, Math.Min(segment.EndSeconds, clip.EndSeconds) - Math.Max(segment.StartSeconds, clip.StartSeconds));

    private static List<VoiceSpan> Beginning(IReadOnlyList<VoiceSpan> sample, double seconds)
    {
        var beginning = new List<VoiceSpan>();
        foreach (var span in sample)
        {
            if (seconds <= 0) break;
            var length = Math.Min(seconds, span.EndSeconds - span.StartSeconds);
            beginning.Add(new VoiceSpan(span.StartSeconds, span.StartSeconds + length));
            seconds -= length;
        }

        return beginning;
    }

    private static int BytesAt(double seconds) => (int)(seconds * PcmFormat.SampleRate) * PcmFormat.BytesPerSample;
}

/// <param name="Voice">Whose voice it is, with what is played of it.</param>
/// <param name="StartSeconds">When it begins in the reel, in seconds.</param>
/// <param name="EndSeconds">When it ends there, in seconds.</param>
internal sealed record VoiceClip(PieceVoice Voice, double StartSeconds, double EndSeconds)
{
    public double Seconds => EndSeconds - StartSeconds;
}
