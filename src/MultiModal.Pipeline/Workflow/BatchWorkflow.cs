using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Workflow;

/// <summary>
/// Order and fan-out of a run: the only place where they are decided. This is orchestrator code, replayed by Durable
/// Functions: it awaits nothing but its steps and <see cref="Task.WhenAll(Task[])"/>, and knows no clock, no randomness, no I/O.
/// </summary>
public static class BatchWorkflow
{
    /// <summary>Levels of the synthesis tree at most. Each level at least halves its groups, so that 2^16 groups fit.</summary>
    private const int MaxLevels = 16;

    public static async Task<RunResult> Run(IBatchSteps steps, RunReference run)
    {
        ArgumentNullException.ThrowIfNull(steps);
        var inventory = await steps.TakeInventory(run);
        if (inventory.Failure is null)
        {
            var slices = (inventory.Count + SliceReference.Size - 1) / SliceReference.Size;
            await Task.WhenAll(Enumerable.Range(0, slices).Select(slice => steps.RunSlice(new SliceReference(run, slice))));
            await Synthesize(steps, run);
        }

        return await steps.WriteReport(run);
    }

    public static async Task<SliceTally> RunSlice(IBatchSteps steps, SliceReference slice)
    {
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(slice);
        var plan = await steps.ReadSlice(slice);
        var completed = await Task.WhenAll(plan.Kinds.Select((kind, offset) =>
            RunItem(steps, kind, new ItemReference(slice.Run, (slice.Slice * SliceReference.Size) + offset))));
        var count = completed.Count(c => c);
        return new SliceTally(count, completed.Length - count);
    }

    private static Task<bool> RunItem(IBatchSteps steps, ItemKind? kind, ItemReference item) => kind switch
    {
        ItemKind.Image => RunImage(steps, item),
        ItemKind.Audio => RunAudio(steps, item),
        ItemKind.Text => RunText(steps, item),
        _ => Task.FromResult(true),
    };

    private static async Task<bool> RunImage(IBatchSteps steps, ItemReference item)
    {
        var optimized = await steps.OptimizeImage(item);
        return optimized.Succeeded && (await steps.AnalyzeImage(item)).Succeeded;
    }

    private static async Task<bool> RunAudio(IBatchSteps steps, ItemReference item)
    {
        var prepared = await steps.PrepareAudio(item);
        if (!prepared.Succeeded) return false;
        var chunks = await Task.WhenAll(Enumerable.Range(0, prepared.Parts).Select(part => steps.TranscribeAudio(item with { Part = part })));
        return chunks.All(c => c.Succeeded);
    }

    private static async Task<bool> RunText(IBatchSteps steps, ItemReference item)
    {
        var read = await steps.ReadText(item);
        if (!read.Succeeded) return false;
        var pages = await Task.WhenAll(Enumerable.Range(0, read.Parts).Select(part => RunImage(steps, item with { Part = part })));
        return pages.All(p => p);
    }

    private static async Task Synthesize(IBatchSteps steps, RunReference run)
    {
        for (var level = 0; level < MaxLevels; level++)
        {
            var plan = await steps.PlanSynthesis(new SynthesisLevel(run, level));
            var current = level;
            await Task.WhenAll(Enumerable.Range(0, plan.Groups).Select(group => steps.Synthesize(new SynthesisNode(run, current, group))));
            if (plan.Groups <= 1) return;
        }
    }
}
