namespace MultiModal.Pipeline;

/// <summary>Pauses between tries, each longer than the one before, up to a longest.</summary>
/// <param name="First">The pause after the first try.</param>
/// <param name="Longest">No pause is longer.</param>
/// <param name="Factor">How many times longer each pause is than the one before.</param>
public readonly record struct Backoff(TimeSpan First, TimeSpan Longest, double Factor = 2)
{
    /// <summary>The pause after a try that failed.</summary>
    /// <param name="attempt">Number of that try, from 1.</param>
    public TimeSpan After(int attempt)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
        return TimeSpan.FromTicks((long)Math.Min(Longest.Ticks, First.Ticks * Math.Pow(Factor, attempt - 1)));
    }
}
