namespace MultiModal.LocalHost.Watching;

/// <summary>How long to pause between listings: at the shortest while things change, longer and longer while nothing does.</summary>
/// <param name="shortest">And the pause at the start.</param>
/// <param name="longest">Reached after some idle listings; the shortest again after a change.</param>
internal sealed class PollPace(TimeSpan shortest, TimeSpan longest)
{
    private TimeSpan? grown;

    /// <summary>Of the time, while runs are under way: one listing of 10,000 blobs after the other would take Azurite's one thread from them.</summary>
    private const int ShareWhileBusy = 4;

    /// <param name="changed">Whether the listing showed something new.</param>
    /// <param name="took">How long it took: Azurite takes 0.6 s for 10,000 blobs, so that hardly a pause is left if a drop is to be seen within a second.</param>
    /// <param name="busy">Whether runs are under way: they need storage more, and what is dropped meanwhile waits for them anyway.</param>
    public TimeSpan After(bool changed, TimeSpan took, bool busy)
    {
        var next = changed ? shortest : grown ?? shortest;
        grown = changed || longest <= shortest ? shortest : TimeSpan.FromTicks(Math.Min(longest.Ticks, next.Ticks * 3 / 2));

        // Counted from the listing's start, so that a drop into a large inbox is seen in time too; but storage has its rest.
        var rest = busy ? took * (ShareWhileBusy - 1) : TimeSpan.FromTicks(Math.Min(took.Ticks / 8, next.Ticks));
        return next - took > rest ? next - took : rest;
    }
}
