namespace MultiModal.Pipeline.Audio;

/// <summary>The transcript of a whole recording, with times in the original.</summary>
/// <param name="Transcript">Transcript in which a lost piece is a segment of its own, <see cref="GapText"/>.</param>
/// <param name="Gaps">The pieces that were lost, in order.</param>
public sealed record StitchedTranscript(Transcript Transcript, IReadOnlyList<TranscriptGap> Gaps)
{
    /// <summary>Text in place of missing words.</summary>
    public const string GapText = "[…]";
}

/// <summary>A piece whose transcript is missing, with times in the original recording.</summary>
/// <param name="Chunk">Index of the piece, from 0.</param>
/// <param name="StartSeconds">Beginning of the piece, in seconds.</param>
/// <param name="EndSeconds">End of the piece, in seconds.</param>
public sealed record TranscriptGap(int Chunk, double StartSeconds, double EndSeconds);
