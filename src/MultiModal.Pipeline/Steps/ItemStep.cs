using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Steps;

/// <summary>A step of one item, or of one part of it: <see cref="StepRunner"/> keeps its record, and the step does the work.</summary>
internal abstract class ItemStep(StepRunner runner, Step<ItemReference, StepResult> definition) : IStep<ItemReference, StepResult>
{
    public string Name => definition.Name;

    public Task<StepResult> RunAsync(ItemReference item, CancellationToken cancellationToken) =>
        runner.RunAsync(item, Name, (subject, token) => WorkAsync(item, subject, token), cancellationToken);

    /// <param name="item">Reference to the item and its part.</param>
    /// <param name="subject">The item as the inventory found it.</param>
    /// <param name="cancellationToken">Cancelled at the step's time limit, or when the host stops.</param>
    protected abstract Task<StepWork> WorkAsync(ItemReference item, InventoryItem subject, CancellationToken cancellationToken);
}
