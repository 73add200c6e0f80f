using Microsoft.Extensions.Time.Testing;

namespace MultiModal.Testing.Waiting;

/// <summary>A clock that only the test moves, and that tells the test when somebody has begun to wait by it.</summary>
public sealed class WatchedClock : FakeTimeProvider
{
    private readonly object gate = new();
    private readonly List<TimeSpan> begun = [];
    private readonly List<(TimeSpan AtMost, int Times, TaskCompletionSource Done)> watched = [];

    /// <summary>The waits that have begun, in order, with their lengths.</summary>
    public IReadOnlyList<TimeSpan> Begun
    {
        get
        {
            lock (gate) return [.. begun];
        }
    }

    /// <summary>Done once as many waits of at most this length have begun, those before this call included.</summary>
    /// <param name="atMost">Longer waits do not count.</param>
    /// <param name="times">How many, from 1.</param>
    public Task WaitsAsync(TimeSpan atMost, int times = 1)
    {
        lock (gate)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            watched.Add((atMost, times, done));
            Complete();
            return done.Task;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        lock (gate)
        {
            begun.Add(dueTime);
            Complete();
        }

        return timer;
    }

    private void Complete()
    {
        foreach (var (atMost, times, done) in watched)
        {
            if (begun.Count(wait => wait >= TimeSpan.Zero && wait <= atMost) >= times) done.TrySetResult();
        }
    }
}
