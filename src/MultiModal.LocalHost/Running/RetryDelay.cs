namespace MultiModal.LocalHost.Running;

/// <summary>Pauses that double with each failure in a row.</summary>
internal static class RetryDelay
{
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    /// <param name="first">After the first failure.</param>
    /// <param name="failures">In a row, 1 or more.</param>
    public static TimeSpan After(TimeSpan first, int failures) =>
        TimeSpan.FromTicks((long)Math.Min(Longest.Ticks, first.Ticks * Math.Pow(2, failures - 1)));
}
