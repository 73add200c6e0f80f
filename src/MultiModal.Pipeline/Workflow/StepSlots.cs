using Microsoft.Extensions.Options;

namespace MultiModal.Pipeline.Workflow;

/// <summary>Limits the number of steps of this process that are under way at a time, over all runs.</summary>
public sealed class StepSlots(IOptions<PipelineOptions> options) : IDisposable
{
    private readonly SemaphoreSlim free = new(options.Value.MaxParallelSteps);

    /// <summary>Takes a slot. Disposing the returned object releases it.</summary>
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
