namespace MultiModal.Pipeline.Ai.Transport;

/// <summary>Holds callers back for a time.</summary>
internal sealed class ProviderBrake(TimeProvider clock)
{
    private readonly Lock gate = new();

    // This clock is monotonic: a time of day that is set back would delay all callers for as long.
    private long heldAt;
    private TimeSpan duration;

    /// <summary>How much longer callers are held back; zero or less if they are not.</summary>
    public TimeSpan Left
    {
        get
        {
            lock (gate) return duration - clock.GetElapsedTime(heldAt);
        }
    }

    /// <summary>Delays all callers that have not entered; a brake is lengthened, never shortened.</summary>
    public void Hold(TimeSpan time)
    {
        lock (gate)
        {
            if (duration - clock.GetElapsedTime(heldAt) >= time) return;
            (heldAt, duration) = (clock.GetTimestamp(), time);
        }
    }
}
