using System.Collections.Concurrent;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Steps;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Functions.Tests.Runs;

/// <summary>The bodies of the activities: they answer as told, break as told, and note what they were asked.</summary>
internal sealed class ScriptedSteps(IReadOnlyList<ItemKind?> kinds)
{
    private readonly ConcurrentDictionary<string, int> calls = new();

    /// <summary>Each call and how often it was made: <c>analyze-image 3.0</c>.</summary>
    public IReadOnlyDictionary<string, int> Calls => calls;

    /// <summary>What a call throws on its first, second… time; the last one for ever if <see cref="BreaksForEver"/>.</summary>
    public Dictionary<string, Exception[]> Faults { get; } = [];

    /// <summary>Activities that followed the run.</summary>
    public ConcurrentQueue<string> AfterRun { get; } = new();

    /// <summary>Pieces of a recording.</summary>
    public int Chunks { get; init; } = 2;

    public bool BreaksForEver { get; init; }

    /// <summary>Failures that are outcomes.</summary>
    public Dictionary<string, string> Fails { get; } = [];

    public Failure? InventoryFailure { get; init; }

    public bool Illustrated { get; init; }

    /// <summary>Whether the run looks for pictures that are the same, and finds none.</summary>
    public bool Compares { get; init; }

    public InventoryResult TakeInventory() =>
        Do(TakeInventoryStep.StepName, new InventoryResult(kinds.Count, InventoryFailure, Illustrated, Compares));

    public SlicePlan ReadSlice(SliceReference slice) =>
        Do($"{ReadSliceStep.StepName} {slice.Slice}", new SlicePlan(
            [
                .. kinds.Skip(slice.Slice * SliceReference.Size).Take(SliceReference.Size)
                    .Select(kind => slice.Work == SliceWork.All || (kind == ItemKind.Image) == (slice.Work != SliceWork.AllButPictures) ? kind : null),
            ]));

    public DuplicatesFound Find(DuplicateSearch search) => Do($"{FindDuplicatesStep.StepName} {search.Round}", new DuplicatesFound(0, 0));

    public StepResult Item(string step, ItemReference item)
    {
        var call = $"{step} {item.Index}.{item.Part}";
        var parts = step switch { StepNames.PrepareAudio => Chunks, StepNames.ReadText => 0, _ => 1 };
        return Do(
            call,
            Fails.TryGetValue(call, out var code) ? new StepResult(StepStatus.Failed, code) : new StepResult(StepStatus.Succeeded, Parts: parts));
    }

    public SynthesisPlan Plan(SynthesisLevel level) => Do($"{PlanSynthesisStep.StepName} {level.Level}", new SynthesisPlan(1));

    public StepResult Synthesize(SynthesisNode node) => Do($"{StepNames.Synthesize} {node.Level}.{node.Group}", new StepResult(StepStatus.Succeeded));

    public StepResult GenerateImage() => Do(StepNames.GenerateImage, new StepResult(StepStatus.Succeeded));

    public RunResult WriteReport(RunReference run) =>
        Do(WriteReportStep.StepName, new RunResult(run.RunSeq, RunStatus.Succeeded, new string('0', 64)));

    public Task DoAfterRun(string activity)
    {
        AfterRun.Enqueue(activity);
        return Task.CompletedTask;
    }

    private T Do<T>(string call, T answer)
    {
        var time = calls.AddOrUpdate(call, 1, (_, n) => n + 1);
        if (!Faults.TryGetValue(call, out var faults)) return answer;
        if (time <= faults.Length) throw faults[time - 1];
        return BreaksForEver ? throw faults[^1] : answer;
    }
}
