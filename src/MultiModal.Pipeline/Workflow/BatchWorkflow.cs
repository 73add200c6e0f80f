using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Steps;

namespace MultiModal.Pipeline.Workflow;

/// <summary>
/// Decides order and fan-out of a run, which is done only here. This is orchestrator code, replayed by Durable Functions: it awaits
/// nothing except its steps and <see cref="Task.WhenAll(Task[])"/>, and uses no clock, no randomness and no I/O.
/// </summary>
public static class BatchWorkflow
{
    /// <summary>
    /// An item with more parts than this has them done in histories of their own, so that those of all items of a slice fit into one.
    /// </summary>
    private const int MaxPartsInSlice = 10;

    /// <summary>Levels of the synthesis tree at most. Each level at least halves its groups, so that 2^16 groups fit.</summary>
    private const int MaxLevels = 16;

    public static async Task<RunResult> RunAsync(IStepCaller steps, RunReference run)
    {
        ArgumentNullException.ThrowIfNull(steps);
        var inventory = await steps.CallAsync(TakeInventoryStep.Definition, run);
        if (inventory.Failure is null)
        {
            if (inventory.NearDuplicates) await RunComparedAsync(steps, run, inventory.Count);
            else await RunSlicesAsync(steps, run, inventory.Count, SliceWork.All);
            await SynthesizeAsync(steps, run);
            if (inventory.Illustrated) await steps.CallAsync(GenerateImageStep.Definition, run);
        }

        return await steps.CallAsync(WriteReportStep.Definition, run);
    }

    private static async Task RunSlicesAsync(IStepCaller steps, RunReference run, int items, SliceWork work, int round = 0) => await Task.WhenAll(
        Enumerable.Range(0, SliceReference.CountFor(items))
            .Select(slice => steps.RunSliceAsync(new SliceReference(run, slice, PartsApart: true, work, round))));

    /// <summary>Recordings and texts wait for no picture.</summary>
    private static Task RunComparedAsync(IStepCaller steps, RunReference run, int items) => Task.WhenAll(
        RunSlicesAsync(steps, run, items, SliceWork.AllButPictures), RunPicturesAsync(steps, run, items));

    /// <summary>
    /// All pictures are shrunk before the first of them is looked at. Those that are the same as an earlier one are not looked at, unless that one
    /// fails: then the next of them takes its place, and after the last round each is looked at.
    /// </summary>
    private static async Task RunPicturesAsync(IStepCaller steps, RunReference run, int items)
    {
        await RunSlicesAsync(steps, run, items, SliceWork.ShrinkPictures);
        for (var round = 0; round <= SimilarPictures.LastRound; round++)
        {
            var found = await steps.CallAsync(FindDuplicatesStep.Definition, new DuplicateSearch(run, round));
            if (round > 0 && found.Released == 0) return;
            await RunSlicesAsync(steps, run, items, SliceWork.LookAtPictures, round);
            if (found.Similar == 0) return;
        }
    }

    public static async Task<SliceTally> RunSliceAsync(IStepCaller steps, SliceReference slice)
    {
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(slice);
        var plan = await steps.CallAsync(ReadSliceStep.Definition, slice);
        var completed = await Task.WhenAll(plan.Kinds.Select((kind, offset) =>
            RunItemAsync(steps, kind, new ItemReference(slice.Run, (slice.Slice * SliceReference.Size) + offset), slice)));
        var count = completed.Count(c => c);
        return new SliceTally(count, completed.Length - count);
    }

    /// <summary>A long stretch is divided, and each part of it is run where the host wants it to run.</summary>
    public static async Task<PartsTally> RunPartsAsync(IStepCaller steps, PartsReference parts)
    {
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Count > PartsReference.Size)
        {
            var tallies = await Task.WhenAll(parts.Divide().Select(steps.RunPartsAsync));
            return new PartsTally(tallies.Sum(t => t.Completed), tallies.Sum(t => t.NotCompleted));
        }

        var completed = await Task.WhenAll(parts.Parts().Select(part => RunPartAsync(steps, parts, part, partsApart: true)));
        var count = completed.Count(c => c);
        return new PartsTally(count, completed.Length - count);
    }

    private static Task<bool> RunItemAsync(IStepCaller steps, ItemKind? kind, ItemReference item, SliceReference slice) => kind switch
    {
        ItemKind.Image when slice.Work == SliceWork.ShrinkPictures => ShrinkAsync(steps, item),
        ItemKind.Image => RunImageItemAsync(steps, item, slice.PartsApart),
        ItemKind.Audio => RunRecordingAsync(steps, item, slice.PartsApart),
        ItemKind.Text => RunTextAsync(steps, item, slice.PartsApart),
        _ => Task.FromResult(true),
    };

    private static async Task<bool> ShrinkAsync(IStepCaller steps, ItemReference item) =>
        (await steps.CallAsync(OptimizeImageStep.Definition, item with { MayDivide = true })).Succeeded;

    /// <summary>An image may have pages, of which the first says how many there are, even if it cannot be read itself.</summary>
    private static async Task<bool> RunImageItemAsync(IStepCaller steps, ItemReference item, bool partsApart)
    {
        var first = await steps.CallAsync(OptimizeImageStep.Definition, item with { MayDivide = true });
        if (!first.Succeeded && first.Parts == 1) return false;
        var looked = !first.Succeeded ? Task.FromResult(false) : LookAsync(steps, item, first.Tiles, partsApart, first.Parts == 1 ? MaxPartsInSlice : 0);
        if (first.Parts == 1) return await looked;

        var others = new PartsReference(item.Run, item.Index, ItemKind.Image, First: 1, first.Parts - 1);
        var completed = await Task.WhenAll(looked, RunPartsOfAsync(steps, others, partsApart, MaxPartsInSlice));
        return completed.All(c => c);
    }

    /// <summary>A page is an image of its own.</summary>
    private static async Task<bool> RunPageAsync(IStepCaller steps, ItemReference page, bool partsApart)
    {
        var optimized = await steps.CallAsync(OptimizeImageStep.Definition, page with { MayDivide = true });
        return optimized.Succeeded && await LookAsync(steps, page, optimized.Tiles, partsApart, mostHere: 0);
    }

    /// <param name="steps">Runs the steps.</param>
    /// <param name="image">The image: an item, or a page of one.</param>
    /// <param name="count">Number of its tiles.</param>
    /// <param name="partsApart">Whether many tiles are done in a history of their own.</param>
    /// <param name="mostHere">Tiles of the image that are done in this history at most.</param>
    private static async Task<bool> LookAsync(IStepCaller steps, ItemReference image, int count, bool partsApart, int mostHere)
    {
        if (count == 1) return (await steps.CallAsync(AnalyzeImageStep.Definition, image)).Succeeded;
        var tiles = new PartsReference(image.Run, image.Index, ItemKind.Image, First: 0, count, TilesOf: image.Part);
        return await RunPartsOfAsync(steps, tiles, partsApart, mostHere);
    }

    /// <summary>The first step says how many pieces there are.</summary>
    private static async Task<bool> RunRecordingAsync(IStepCaller steps, ItemReference item, bool partsApart)
    {
        var cut = await steps.CallAsync(PrepareAudioStep.Definition, item);
        if (!cut.Succeeded) return false;
        var pieces = new PartsReference(item.Run, item.Index, ItemKind.Audio, First: 0, cut.Parts);
        if (!cut.FirstAlone || cut.Parts == 1) return await RunPartsOfAsync(steps, pieces, partsApart, MaxPartsInSlice);

        // Speakers of the first piece are told to the model by samples of their voices when it hears the others. Voices that are first heard in those
        // are compared with each other at the end. So it takes three rounds, however long the recording is.
        var first = await RunPartAsync(steps, pieces, item, partsApart);
        var others = await RunPartsOfAsync(steps, pieces with { First = 1, Count = cut.Parts - 1 }, partsApart, MaxPartsInSlice);
        var compared = await RunPartAsync(steps, pieces, item with { Part = cut.Parts }, partsApart);
        return first && others && compared;
    }

    /// <summary>The first step says how many pages are to be looked at.</summary>
    private static async Task<bool> RunTextAsync(IStepCaller steps, ItemReference item, bool partsApart)
    {
        var read = await steps.CallAsync(ReadTextStep.Definition, item);
        return read.Succeeded && await RunPartsOfAsync(
            steps, new PartsReference(item.Run, item.Index, ItemKind.Text, First: 0, read.Parts), partsApart, MaxPartsInSlice);
    }

    private static async Task<bool> RunPartsOfAsync(IStepCaller steps, PartsReference parts, bool partsApart, int mostHere)
    {
        if (partsApart && parts.Count > mostHere) return (await steps.RunPartsAsync(parts)).NotCompleted == 0;
        var completed = await Task.WhenAll(parts.Parts().Select(part => RunPartAsync(steps, parts, part, partsApart)));
        return completed.All(c => c);
    }

    /// <summary>Tiles of a page never make the history of its item longer.</summary>
    private static async Task<bool> RunPartAsync(IStepCaller steps, PartsReference parts, ItemReference part, bool partsApart) => parts switch
    {
        { TilesOf: not null } => (await steps.CallAsync(AnalyzeImageStep.Definition, part)).Succeeded,
        { Kind: ItemKind.Audio } => (await steps.CallAsync(TranscribeAudioStep.Definition, part)).Succeeded,
        _ => await RunPageAsync(steps, part, partsApart),
    };

    private static async Task SynthesizeAsync(IStepCaller steps, RunReference run)
    {
        for (var level = 0; level < MaxLevels; level++)
        {
            var plan = await steps.CallAsync(PlanSynthesisStep.Definition, new SynthesisLevel(run, level));
            var current = level;
            await Task.WhenAll(
                Enumerable.Range(0, plan.Groups).Select(group => steps.CallAsync(SynthesizeStep.Definition, new SynthesisNode(run, current, group))));
            if (plan.Groups <= 1) return;
        }
    }
}
