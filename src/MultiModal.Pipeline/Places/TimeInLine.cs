namespace MultiModal.Pipeline.Places;

/// <summary>
/// Adds up the time that a step waits in lines of this process, wherever that is. It flows with the asynchronous calls of the step.
/// </summary>
internal sealed class TimeInLine
{
    private static readonly AsyncLocal<TimeInLine?> Counting = new();

    private long ticks;

    public TimeSpan Total => TimeSpan.FromTicks(Interlocked.Read(ref ticks));

    /// <summary>Counts from now on, for the asynchronous method that calls this and for all that it calls.</summary>
    public static TimeInLine Count() => Counting.Value = new TimeInLine();

    /// <summary>Adds a wait to the step that is counted, if there is one.</summary>
    public static void Add(TimeSpan waited)
    {
        if (Counting.Value is { } counting) Interlocked.Add(ref counting.ticks, waited.Ticks);
    }
}
