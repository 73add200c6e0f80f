namespace MultiModal.LocalHost.Watching;

/// <summary>Pauses between listings: the shortest pause while files change, and longer and longer ones while nothing does.</summary>
/// <param name="shortest">The shortest pause, which is also the first.</param>
/// <param name="longest">The longest pause, reached after some idle listings; a change returns to the shortest.</param>
internal sealed class PollPace(TimeSpan shortest, TimeSpan longest)
{
    private TimeSpan? grown;

    /// <summary>
    /// Listings take at most a quarter of the time while runs are under way. Continuous listings of 10,000 blobs would occupy Azurite's
    /// only thread.
    /// </summary>
    private const int ShareWhileBusy = 4;

    /// <param name="changed">Whether the listing showed something new.</param>
    /// <param name="took">Duration of the listing. Azurite takes 0.6 s for 10,000 blobs, which leaves hardly any pause if a drop is to be seen
    /// within a second.</param>
    /// <param name="busy">Whether runs are under way: they need storage more, and drops wait for them to end anyway.</param>
    public TimeSpan After(bool changed, TimeSpan took, bool busy)
    {
        var next = changed ? shortest : grown ?? shortest;
        grown = changed || longest <= shortest ? shortest : TimeSpan.FromTicks(Math.Min(longest.Ticks, next.Ticks * 3 / 2));

        // The pause counts from the listing's start, so that a drop into a large inbox is also seen in time, but storage gets a rest.
        var rest = busy ? took * (ShareWhileBusy - 1) : TimeSpan.FromTicks(Math.Min(took.Ticks / 8, next.Ticks));
        return next - took > rest ? next - took : rest;
    }
}
