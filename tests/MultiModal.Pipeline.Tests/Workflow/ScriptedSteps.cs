using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Pipeline.Tests.Workflow;

/// <summary>Steps that answer as told and note what they were asked.</summary>
internal sealed class ScriptedSteps(IReadOnlyList<ItemKind?> kinds) : IBatchSteps
{
    public List<string> Calls { get; } = [];

    public Failure? InventoryFailure { get; init; }

    public Dictionary<string, string> Fails { get; } = [];

    public Func<int, int> Groups { get; init; } = level => level == 0 ? 1 : 0;

    public int Chunks { get; init; } = 1;

    public int Pages { get; init; }

    public Task<InventoryResult> TakeInventoryAsync(RunReference run)
    {
        Calls.Add("inventory");
        return Task.FromResult(new InventoryResult(kinds.Count, InventoryFailure));
    }

    public Task<SlicePlan> ReadSliceAsync(SliceReference slice) => Task.FromResult(new SlicePlan(
        [.. kinds.Skip(slice.Slice * SliceReference.Size).Take(SliceReference.Size)]));

    public Task<SliceTally> RunSliceAsync(SliceReference slice) => BatchWorkflow.RunSliceAsync(this, slice);

    public Task<StepResult> OptimizeImageAsync(ItemReference item) => StepAsync("optimize", item);

    public Task<StepResult> AnalyzeImageAsync(ItemReference item) => StepAsync("analyze", item);

    public Task<StepResult> PrepareAudioAsync(ItemReference item) => StepAsync("prepare", item, Chunks);

    public Task<StepResult> TranscribeAudioAsync(ItemReference item) => StepAsync("transcribe", item);

    public Task<StepResult> ReadTextAsync(ItemReference item) => StepAsync("read", item, Pages);

    public Task<SynthesisPlan> PlanSynthesisAsync(SynthesisLevel level)
    {
        Calls.Add($"plan {level.Level}");
        return Task.FromResult(new SynthesisPlan(Groups(level.Level)));
    }

    public Task<StepResult> SynthesizeAsync(SynthesisNode node)
    {
        Calls.Add($"synthesize {node.Level}.{node.Group}");
        return Task.FromResult(new StepResult(StepStatus.Succeeded));
    }

    public Task<RunResult> WriteReportAsync(RunReference run)
    {
        Calls.Add("report");
        return Task.FromResult(new RunResult(run.RunSeq, RunStatus.Succeeded, new string('0', 64)));
    }

    private Task<StepResult> StepAsync(string name, ItemReference item, int parts = 1)
    {
        var call = $"{name} {item.Index}.{item.Part}";
        Calls.Add(call);
        return Task.FromResult(Fails.TryGetValue(call, out var code) ? new StepResult(StepStatus.Failed, code) : new StepResult(StepStatus.Succeeded, Parts: parts));
    }
}
