using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Places;

namespace MultiModal.Pipeline.Workflow;

/// <summary>
/// Limits the number of steps of this process that are under way at a time, over all runs, for each step by itself: documents that wait to be
/// read hold no call of a model up. Batches take turns.
/// </summary>
public sealed class StepSlots
{
    private readonly FairLine line;

    public StepSlots(IOptions<PipelineOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var limit = options.Value.MaxParallelSteps;
        line = new FairLine(int.MaxValue, _ => limit);
    }

    /// <summary>Takes a slot. Disposing the returned object releases it.</summary>
    /// <param name="batch">The batch that the step is done for.</param>
    /// <param name="step">Name of the step.</param>
    /// <param name="cancellationToken">Token that ends waiting.</param>
    public Task<IDisposable> TakeAsync(string batch, string step, CancellationToken cancellationToken) =>
        line.TakeAsync(batch, step, cost: 1, cancellationToken);
}
