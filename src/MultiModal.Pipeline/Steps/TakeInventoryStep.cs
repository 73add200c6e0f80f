using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Steps;

/// <summary>Takes the run's inventory, unless an earlier try has taken it.</summary>
internal sealed class TakeInventoryStep(RunStore runs, InventoryTaker inventory) : IStep<RunReference, InventoryResult>
{
    public const string StepName = "take-inventory";

    public static readonly Step<RunReference, InventoryResult> Definition = new(StepName);

    public string Name => StepName;

    public async Task<InventoryResult> RunAsync(RunReference input, CancellationToken cancellationToken)
    {
        var header = await runs.ReadHeaderAsync(input, cancellationToken) ?? await inventory.TakeAsync(input, cancellationToken);
        return new InventoryResult(header.Count, header.Failure, header.Options.Illustration is not null, header.NearDuplicates);
    }
}
