using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Steps;

/// <summary>Reads which items of a slice need steps.</summary>
internal sealed class ReadSliceStep(RunStore runs) : IStep<SliceReference, SlicePlan>
{
    public const string StepName = "read-slice";

    public static readonly Step<SliceReference, SlicePlan> Definition = new(StepName);

    public string Name => StepName;

    public async Task<SlicePlan> RunAsync(SliceReference input, CancellationToken cancellationToken)
    {
        var items = await runs.ReadPageAsync(input.Run, input.Slice, cancellationToken);
        return new SlicePlan(
            [.. items.Select(i => i.Failure is null && i.DuplicateOf is null && i.Kind != ItemKind.Unsupported ? i.Kind : (ItemKind?)null)]);
    }
}
