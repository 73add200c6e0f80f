using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Steps;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Pipeline.Tests.Workflow;

/// <summary>Steps that answer as told and note what they were asked.</summary>
internal sealed class ScriptedSteps(IReadOnlyList<ItemKind?> kinds) : IStepCaller
{
    public List<string> Calls { get; } = [];

    public Failure? InventoryFailure { get; init; }

    public bool Illustrated { get; init; }

    public Dictionary<string, string> Fails { get; } = [];

    public Func<int, int> Groups { get; init; } = level => level == 0 ? 1 : 0;

    /// <summary>What rounds of the search find; null for a run that does not search.</summary>
    public Func<int, SimilarPictures>? Similar { get; init; }

    public int Chunks { get; init; } = 1;

    public int Pages { get; init; }

    /// <summary>Pages of an image, of which the first says how many there are.</summary>
    public int ImagePages { get; init; } = 1;

    public int Tiles { get; init; } = 1;

    public Task<SliceTally> RunSliceAsync(SliceReference slice) => BatchWorkflow.RunSliceAsync(this, slice);

    public Task<PartsTally> RunPartsAsync(PartsReference parts) => BatchWorkflow.RunPartsAsync(this, parts);

    public Task<TResult> CallAsync<TInput, TResult>(Step<TInput, TResult> step, TInput input) where TInput : IStepInput =>
        Task.FromResult((TResult)(object)(input switch
        {
            RunReference when step.Name == TakeInventoryStep.StepName => Note(
                "inventory", new InventoryResult(kinds.Count, InventoryFailure, Illustrated, NearDuplicates: Similar is not null)),
            RunReference when step.Name == StepNames.GenerateImage => Note("generate", Ended("generate")),
            RunReference run => Note("report", new RunResult(run.RunSeq, RunStatus.Succeeded, new string('0', 64))),
            SliceReference slice => new SlicePlan(
                [
                    .. kinds.Select((kind, index) => IsWork(slice, kind, index) ? kind : null)
                        .Skip(slice.Slice * SliceReference.Size).Take(SliceReference.Size),
                ]),
            DuplicateSearch search => Note(
                $"find {search.Round}", new DuplicatesFound(Similar!(search.Round).Pictures.Count, Similar(search.Round).Released.Count)),
            SynthesisLevel level => Note($"plan {level.Level}", new SynthesisPlan(Groups(level.Level))),
            SynthesisNode node => Note($"synthesize {node.Level}.{node.Group}", new StepResult(StepStatus.Succeeded)),
            ItemReference item => Item(step.Name, item),
            _ => throw new ArgumentException($"{step.Name} is no step of the workflow.", nameof(step)),
        }));

    /// <summary>As <c>read-slice</c> has it.</summary>
    private bool IsWork(SliceReference slice, ItemKind? kind, int index) => slice.Work switch
    {
        SliceWork.AllButPictures => kind != ItemKind.Image,
        SliceWork.ShrinkPictures => kind == ItemKind.Image,
        SliceWork.LookAtPictures when slice.Round == 0 => kind == ItemKind.Image && Similar!(0).Pictures.All(picture => picture.Index != index),
        SliceWork.LookAtPictures => Similar!(slice.Round).Released.Contains(index),
        _ => true,
    };

    private StepResult Item(string step, ItemReference item)
    {
        var call = $"{step[..step.IndexOf('-', StringComparison.Ordinal)]} {item.Index}.{item.Part}{(item.Tile > 0 ? $".{item.Tile}" : "")}";
        var parts = step switch { StepNames.PrepareAudio => Chunks, StepNames.ReadText => Pages, StepNames.OptimizeImage when item.Part == 0 => ImagePages, _ => 1 };
        var tiles = step == StepNames.OptimizeImage && item.MayDivide ? Tiles : 1;
        return Note(
            call,
            Fails.TryGetValue(call, out var code)
                ? new StepResult(StepStatus.Failed, code, Parts: parts)
                : new StepResult(StepStatus.Succeeded, Parts: parts, Tiles: tiles));
    }

    private StepResult Ended(string call) =>
        Fails.TryGetValue(call, out var code) ? new StepResult(StepStatus.Failed, code) : new StepResult(StepStatus.Succeeded);

    private T Note<T>(string call, T result)
    {
        Calls.Add(call);
        return result;
    }
}
