namespace MultiModal.Pipeline.Ai.Transport;

/// <summary>
/// Bounds what one process asks of one model at once, and holds everybody back while the provider asked to be left alone.
/// Shared by all engines that use the same deployment, since quota is the deployment's.
/// </summary>
internal sealed class ProviderThrottle(int maxConcurrency, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim slots = new(maxConcurrency, maxConcurrency);
    private readonly Lock gate = new();

    // By the clock that nobody sets: a time of day that goes back would hold everybody back for as long.
    private long brakedAt;
    private TimeSpan brake;

    /// <summary>Waits for the brake and for a slot; whoever waits for the brake holds no slot.</summary>
    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (Remaining() is { } wait) await Task.Delay(wait, clock, cancellationToken);
            await slots.WaitAsync(cancellationToken);
            if (Remaining() is null) return;
            slots.Release();
        }
    }

    public void Leave() => slots.Release();

    /// <summary>Holds back everybody that has not entered; a brake is lengthened, never shortened.</summary>
    public void Brake(TimeSpan duration)
    {
        lock (gate)
        {
            if (Left() >= duration) return;
            (brakedAt, brake) = (clock.GetTimestamp(), duration);
        }
    }

    public void Dispose() => slots.Dispose();

    private TimeSpan? Remaining()
    {
        lock (gate) return Left() is var left && left > TimeSpan.Zero ? left : null;
    }

    private TimeSpan Left() => brake - clock.GetElapsedTime(brakedAt);
}
