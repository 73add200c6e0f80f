using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Steps;

namespace MultiModal.Pipeline.Workflow;

/// <summary>
/// Order and fan-out of a run: the only place where they are decided. This is orchestrator code, replayed by Durable
/// Functions: it awaits nothing but its steps and <see cref="Task.WhenAll(Task[])"/>, and knows no clock, no randomness, no I/O.
/// </summary>
public static class BatchWorkflow
{
    /// <summary>Levels of the synthesis tree at most. Each level at least halves its groups, so that 2^16 groups fit.</summary>
    private const int MaxLevels = 16;

    public static async Task<RunResult> RunAsync(IStepCaller steps, RunReference run)
    {
        ArgumentNullException.ThrowIfNull(steps);
        var inventory = await steps.CallAsync(TakeInventoryStep.Definition, run);
        if (inventory.Failure is null)
        {
            await Task.WhenAll(Enumerable.Range(0, SliceReference.CountFor(inventory.Count)).Select(slice => steps.RunSliceAsync(new SliceReference(run, slice))));
            await SynthesizeAsync(steps, run);
        }

        return await steps.CallAsync(WriteReportStep.Definition, run);
    }

    public static async Task<SliceTally> RunSliceAsync(IStepCaller steps, SliceReference slice)
    {
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(slice);
        var plan = await steps.CallAsync(ReadSliceStep.Definition, slice);
        var completed = await Task.WhenAll(plan.Kinds.Select((kind, offset) =>
            RunItemAsync(steps, kind, new ItemReference(slice.Run, (slice.Slice * SliceReference.Size) + offset))));
        var count = completed.Count(c => c);
        return new SliceTally(count, completed.Length - count);
    }

    private static Task<bool> RunItemAsync(IStepCaller steps, ItemKind? kind, ItemReference item) => kind switch
    {
        ItemKind.Image => RunImageAsync(steps, item),
        ItemKind.Audio => RunAudioAsync(steps, item),
        ItemKind.Text => RunTextAsync(steps, item),
        _ => Task.FromResult(true),
    };

    private static async Task<bool> RunImageAsync(IStepCaller steps, ItemReference item)
    {
        var optimized = await steps.CallAsync(OptimizeImageStep.Definition, item);
        return optimized.Succeeded && (await steps.CallAsync(AnalyzeImageStep.Definition, item)).Succeeded;
    }

    private static async Task<bool> RunAudioAsync(IStepCaller steps, ItemReference item)
    {
        var prepared = await steps.CallAsync(PrepareAudioStep.Definition, item);
        if (!prepared.Succeeded) return false;
        var chunks = await Task.WhenAll(Enumerable.Range(0, prepared.Parts).Select(part => steps.CallAsync(TranscribeAudioStep.Definition, item with { Part = part })));
        return chunks.All(c => c.Succeeded);
    }

    private static async Task<bool> RunTextAsync(IStepCaller steps, ItemReference item)
    {
        var read = await steps.CallAsync(ReadTextStep.Definition, item);
        if (!read.Succeeded) return false;
        var pages = await Task.WhenAll(Enumerable.Range(0, read.Parts).Select(part => RunImageAsync(steps, item with { Part = part })));
        return pages.All(p => p);
    }

    private static async Task SynthesizeAsync(IStepCaller steps, RunReference run)
    {
        for (var level = 0; level < MaxLevels; level++)
        {
            var plan = await steps.CallAsync(PlanSynthesisStep.Definition, new SynthesisLevel(run, level));
            var current = level;
            await Task.WhenAll(Enumerable.Range(0, plan.Groups).Select(group => steps.CallAsync(SynthesizeStep.Definition, new SynthesisNode(run, current, group))));
            if (plan.Groups <= 1) return;
        }
    }
}
