namespace MultiModal.Pipeline.Audio;

/// <summary>The transcript of a whole recording, in its own time.</summary>
/// <param name="Transcript">A lost piece stands in it as a segment of its own, <see cref="GapText"/>.</param>
/// <param name="Gaps">The pieces that were lost, in order.</param>
public sealed record StitchedTranscript(Transcript Transcript, IReadOnlyList<TranscriptGap> Gaps)
{
    /// <summary>What stands where words are missing.</summary>
    public const string GapText = "[…]";
}
