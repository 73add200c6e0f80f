using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Inventory;
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
        ArgumentNullException.ThrowIfNull(input);
        var items = await runs.ReadPageAsync(input.Run, input.Slice, cancellationToken);
        var isWork = await WorkAsync(input, cancellationToken);
        return new SlicePlan(
            [.. items.Select(
                i => i.Failure is null && i.DuplicateOf is null && i.Kind != ItemKind.Unsupported && isWork(i) ? i.Kind : (ItemKind?)null)]);
    }

    private async Task<Func<InventoryItem, bool>> WorkAsync(SliceReference slice, CancellationToken cancellationToken)
    {
        switch (slice.Work)
        {
            case SliceWork.AllButPictures: return item => item.Kind != ItemKind.Image;
            case SliceWork.ShrinkPictures: return item => item.Kind == ItemKind.Image;
            case SliceWork.LookAtPictures:
                var found = await runs.ReadSimilarAsync(slice.Run, slice.Round, cancellationToken) ?? SimilarPictures.None;
                var named = slice.Round == 0 ? found.Pictures.Select(picture => picture.Index).ToHashSet() : found.Released.ToHashSet();
                return item => item.Kind == ItemKind.Image && named.Contains(item.Index) == slice.Round > 0;
            default: return _ => true;
        }
    }
}
