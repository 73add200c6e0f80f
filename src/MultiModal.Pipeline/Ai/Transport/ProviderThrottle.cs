namespace MultiModal.Pipeline.Ai.Transport;

/// <summary>
/// Bounds the concurrent requests of one process to one model, and delays all callers while the provider asks us to wait.
/// It is shared by all engines that use the same deployment, because the quota is the deployment's.
/// </summary>
internal sealed class ProviderThrottle(int maxConcurrency, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim slots = new(maxConcurrency, maxConcurrency);
    private readonly ProviderBrake brake = new(clock);

    /// <summary>The brake of requests for flex alone, which are held back by the other one as well: the quota is the deployment's.</summary>
    public ProviderBrake Flex { get; } = new(clock);

    /// <summary>Waits for the brake and for a slot; a caller that waits for the brake holds no slot.</summary>
    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (brake.Left is var wait && wait > TimeSpan.Zero) await Task.Delay(wait, clock, cancellationToken);
            await slots.WaitAsync(cancellationToken);
            if (brake.Left <= TimeSpan.Zero) return;
            slots.Release();
        }
    }

    public void Leave() => slots.Release();

    /// <inheritdoc cref="ProviderBrake.Hold"/>
    public void Brake(TimeSpan duration) => brake.Hold(duration);

    public void Dispose() => slots.Dispose();
}
