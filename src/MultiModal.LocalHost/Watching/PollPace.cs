namespace MultiModal.LocalHost.Watching;

/// <summary>How long to pause between listings: at the shortest while things change, longer and longer while nothing does.</summary>
/// <param name="shortest">And the pause at the start.</param>
/// <param name="longest">Reached after some idle listings; the shortest again after a change.</param>
internal sealed class PollPace(TimeSpan shortest, TimeSpan longest)
{
    private TimeSpan? grown;

    /// <param name="changed">Whether the listing showed something new.</param>
    /// <param name="took">How long it took: Azurite takes 0.6 s for 10,000 blobs, so that hardly a pause is left if a drop is to be seen within a second.</param>
    public TimeSpan After(bool changed, TimeSpan took)
    {
        var next = changed ? shortest : grown ?? shortest;
        grown = changed || longest <= shortest ? shortest : TimeSpan.FromTicks(Math.Min(longest.Ticks, next.Ticks * 3 / 2));

        // Counted from the listing's start, so that a drop into a large inbox is seen in time too; but storage has its rest.
        var rest = TimeSpan.FromTicks(Math.Min(took.Ticks / 8, next.Ticks));
        return next - took > rest ? next - took : rest;
    }
}
