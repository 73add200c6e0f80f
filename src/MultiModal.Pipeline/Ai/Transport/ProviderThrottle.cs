namespace MultiModal.Pipeline.Ai.Transport;

/// <summary>
/// Bounds the concurrent requests of one process to one model, and delays all callers while the provider asks us to wait.
/// It is shared by all engines that use the same deployment, because the quota is the deployment's.
/// </summary>
internal sealed class ProviderThrottle(int maxConcurrency, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim slots = new(maxConcurrency, maxConcurrency);
    private readonly Lock gate = new();

    // This clock is monotonic: a time of day that is set back would delay all callers for as long.
    private long brakedAt;
    private TimeSpan brake;

    /// <summary>Waits for the brake and for a slot; a caller that waits for the brake holds no slot.</summary>
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

    /// <summary>Delays all callers that have not entered; a brake is lengthened, never shortened.</summary>
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
