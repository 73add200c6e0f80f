using System.Diagnostics;

namespace MultiModal.LocalHost.Tests;

/// <summary>Waits for what a running host does in its own time; the limit only ends a test that would never end.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(180);

    public static async Task<T> Is<T>(string what, Func<Task<T?>> look, TimeSpan? limit = null) where T : class
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < (limit ?? Limit))
        {
            if (await look() is { } seen) return seen;
            await Task.Delay(50);
        }

        throw new TimeoutException($"This never came: {what}.");
    }
}
