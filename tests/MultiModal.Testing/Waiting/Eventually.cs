using System.Diagnostics;

namespace MultiModal.Testing.Waiting;

/// <summary>Waits for what others do in their own time; the limit only ends a test that would never end.</summary>
public static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(180);

    /// <summary>Waits for something that a server or a store is asked for.</summary>
    /// <param name="what">What is waited for, for the message of a test that fails.</param>
    /// <param name="look">Answers null as long as it is not there.</param>
    /// <param name="limit">Three minutes if not given.</param>
    /// <exception cref="TimeoutException">It was not there within the limit.</exception>
    public static async Task<T> IsAsync<T>(string what, Func<Task<T?>> look, TimeSpan? limit = null) where T : class
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < (limit ?? Limit))
        {
            if (await look() is { } seen) return seen;
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }

        throw new TimeoutException($"This never came: {what}.");
    }

    /// <summary>Waits for what another thread of this process is about to do.</summary>
    /// <param name="what">What is waited for, for the message of a test that fails.</param>
    /// <param name="condition">Costs nothing to ask, so it is asked often.</param>
    /// <param name="meanwhile">Done before each further look, such as setting a clock forward.</param>
    /// <exception cref="TimeoutException">It did not become true within three minutes.</exception>
    public static async Task IsTrueAsync(string what, Func<bool> condition, Action? meanwhile = null)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Limit) throw new TimeoutException($"This never came: {what}.");
            meanwhile?.Invoke();
            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }
    }
}
