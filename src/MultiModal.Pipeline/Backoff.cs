namespace MultiModal.Pipeline;

/// <summary>Pauses between tries, each longer than the previous one, up to a maximum.</summary>
/// <param name="First">The pause after the first try.</param>
/// <param name="Longest">The longest pause.</param>
/// <param name="Factor">Ratio of each pause to the previous one.</param>
public readonly record struct Backoff(TimeSpan First, TimeSpan Longest, double Factor = 2)
{
    /// <summary>Returns the pause after a try that failed.</summary>
    /// <param name="attempt">Number of that try, from 1.</param>
    public TimeSpan After(int attempt)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
        return TimeSpan.FromTicks((long)Math.Min(Longest.Ticks, First.Ticks * Math.Pow(Factor, attempt - 1)));
    }
}
