using MultiModal.Pipeline.Audio;

namespace MultiModal.Pipeline.Ai;

/// <summary>
/// An engine that transcribes recordings. It is safe for concurrent use, limits its own concurrency
/// (<c>Ai:MaxConcurrency</c>) and retries provider faults itself.
/// </summary>
public interface ISpeechEngine
{
    EngineIdentity Identity { get; }

    /// <summary>The engine that is asked where this one does not answer; null for none.</summary>
    ISpeechEngine? Fallback => null;

    SpeechLimits Limits { get; }

    SpeechAbilities Abilities => SpeechAbilities.Times;

    /// <returns>The transcript, with times from the start of the piece; a single segment over the whole piece where the engine gives no times.
    /// The method never throws for anything the provider, the program or the audio does; only for cancellation.</returns>
    Task<EngineAnswer<Transcript>> TranscribeAsync(SpeechRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// The usage to expect of <see cref="TranscribeAsync"/> for a piece of this length; nothing for an engine that costs nothing.
    /// </summary>
    /// <param name="seconds">Length of the piece, in seconds.</param>
    /// <param name="vocabulary">Value of <see cref="SpeechRequest.Vocabulary"/>.</param>
    CallEstimate Estimate(double seconds, string? vocabulary) => CallEstimate.Nothing;
}

/// <summary>What the answers of a speech engine say beside the words, and what it can be told.</summary>
/// <param name="TellsTimes">Whether they say when each segment was spoken.</param>
/// <param name="TellsSpeakers">Whether they say who spoke each segment, and the engine takes samples of voices to know speakers by.</param>
/// <param name="TakesLanguages">Whether it takes several languages that may be spoken.</param>
public sealed record SpeechAbilities(bool TellsTimes, bool TellsSpeakers, bool TakesLanguages)
{
    /// <summary>Those of an engine that tells times and nothing else.</summary>
    public static SpeechAbilities Times { get; } = new(TellsTimes: true, TellsSpeakers: false, TakesLanguages: false);
}
