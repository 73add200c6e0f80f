namespace MultiModal.Pipeline.Audio;

/// <summary>The transcript of a whole recording, in its own time.</summary>
/// <param name="Transcript">A lost piece stands in it as a segment of its own, <see cref="GapText"/>.</param>
/// <param name="Gaps">The pieces that were lost, in order.</param>
public sealed record StitchedTranscript(Transcript Transcript, IReadOnlyList<TranscriptGap> Gaps)
{
    /// <summary>What stands where words are missing.</summary>
    public const string GapText = "[…]";
}

/// <summary>A piece whose transcript is missing. Times in the original recording, seconds.</summary>
/// <param name="Chunk">Index of the piece, from 0.</param>
/// <param name="StartSeconds">Where it begins.</param>
/// <param name="EndSeconds">Where it ends.</param>
public sealed record TranscriptGap(int Chunk, double StartSeconds, double EndSeconds);
