using Microsoft.Extensions.Options;

namespace MultiModal.Pipeline.Workflow;

/// <summary>How many steps of this process may be under way at a time, over all runs.</summary>
public sealed class StepSlots(IOptions<PipelineOptions> options) : IDisposable
{
    private readonly SemaphoreSlim free = new(options.Value.MaxParallelSteps);

    /// <summary>Disposing what is returned gives the slot back.</summary>
    public async Task<IDisposable> TakeAsync(CancellationToken cancellationToken)
    {
        await free.WaitAsync(cancellationToken);
        return new Slot(free);
    }

    public void Dispose() => free.Dispose();

    private sealed class Slot(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }
}
