using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Web.Batches;

/// <summary>How far a step of the current run is, over all items.</summary>
/// <param name="Step">Name of the step.</param>
/// <param name="Done">Number of times that it has ended, however it ended.</param>
/// <param name="Failed">Number of those times that it failed.</param>
/// <param name="Expected">
/// Number of times that it is to be done, as far as is known: how many pages and pieces an item has is known when its first step has ended.
/// </param>
public sealed record StepTally(string Step, int Done, int Failed, int Expected);

/// <summary>Adds up steps over the items of a run.</summary>
internal sealed class StepTallies
{
    private static readonly string[] Order = [
        StepNames.OptimizeImage, StepNames.AnalyzeImage, StepNames.PrepareAudio, StepNames.TranscribeAudio, StepNames.ReadText];

    private readonly Dictionary<string, (int Done, int Failed, int Expected)> sums = [];

    /// <summary>The steps that are done or to be done, in the order of the workflow.</summary>
    public IReadOnlyList<StepTally> ToList() =>
        [.. Order.Where(sums.ContainsKey).Select(step => new StepTally(step, sums[step].Done, sums[step].Failed, sums[step].Expected))];

    /// <param name="item">An item of the run.</param>
    /// <param name="steps">Those of its steps that have ended.</param>
    /// <param name="isSimilar">Whether the item has the answer of a similar picture, so that no step of its own is left.</param>
    public void Add(InventoryItem item, IReadOnlyList<StepProgress> steps, bool isSimilar)
    {
        var ended = isSimilar || item.Failure is not null || item.DuplicateOf is not null || steps.Any(s => s.Status != StepStatus.Succeeded);
        foreach (var step in steps)
        {
            var (done, failed, expected) = sums.GetValueOrDefault(step.Step);
            sums[step.Step] = (done + 1, failed + (step.Status == StepStatus.Failed ? 1 : 0), expected + 1);
        }

        if (ended) return;
        switch (item.Kind)
        {
            case ItemKind.Image:
                AddPictures(steps, PartsAfter(StepNames.OptimizeImage) ?? 1);
                break;
            case ItemKind.Text:
                Expect(steps, StepNames.ReadText, 1);
                AddPictures(steps, PartsAfter(StepNames.ReadText) ?? 0);
                break;
            case ItemKind.Audio:
                Expect(steps, StepNames.PrepareAudio, 1);
                Expect(steps, StepNames.TranscribeAudio, PartsAfter(StepNames.PrepareAudio) ?? 1);
                break;
        }

        int? PartsAfter(string step) => steps.FirstOrDefault(s => s.Step == step && s.Part == 0)?.Parts;
    }

    /// <summary>Each picture is looked at in as many tiles as it says; one that is not optimized yet counts as one.</summary>
    private void AddPictures(IReadOnlyList<StepProgress> steps, int pictures)
    {
        var optimized = steps.Where(s => s.Step == StepNames.OptimizeImage).ToList();
        Expect(steps, StepNames.OptimizeImage, pictures);
        Expect(steps, StepNames.AnalyzeImage, optimized.Sum(s => s.Tiles) + Math.Max(0, pictures - optimized.Count));
    }

    /// <summary>Adds what of a step is still to be done.</summary>
    private void Expect(IReadOnlyList<StepProgress> steps, string step, int expected)
    {
        var missing = expected - steps.Count(s => s.Step == step);
        if (missing <= 0) return;
        var (done, failed, sum) = sums.GetValueOrDefault(step);
        sums[step] = (done, failed, sum + missing);
    }
}
