using Microsoft.Azure.Functions.Worker;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Steps;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Webhooks;

namespace MultiModal.Functions.Runs;

/// <summary>The steps as activities, which have the names of the steps.</summary>
public sealed class StepFunctions(StepSet steps, RunStore runs, CompletionWebhook webhook)
{
    internal const string Deliver = "deliver-webhooks";
    internal const string ForgetRuns = "forget-runs";

    [Function(TakeInventoryStep.StepName)]
    public Task<InventoryResult> TakeInventory([ActivityTrigger] RunReference run, CancellationToken cancellationToken) =>
        RunAsync(TakeInventoryStep.Definition, run, cancellationToken);

    [Function(ReadSliceStep.StepName)]
    public Task<SlicePlan> ReadSlice([ActivityTrigger] SliceReference slice, CancellationToken cancellationToken) =>
        RunAsync(ReadSliceStep.Definition, slice, cancellationToken);

    [Function(StepNames.OptimizeImage)]
    public Task<StepResult> OptimizeImage([ActivityTrigger] ItemReference item, CancellationToken cancellationToken) =>
        RunAsync(OptimizeImageStep.Definition, item, cancellationToken);

    [Function(StepNames.AnalyzeImage)]
    public Task<StepResult> AnalyzeImage([ActivityTrigger] ItemReference item, CancellationToken cancellationToken) =>
        RunAsync(AnalyzeImageStep.Definition, item, cancellationToken);

    [Function(StepNames.PrepareAudio)]
    public Task<StepResult> PrepareAudio([ActivityTrigger] ItemReference item, CancellationToken cancellationToken) =>
        RunAsync(PrepareAudioStep.Definition, item, cancellationToken);

    [Function(StepNames.TranscribeAudio)]
    public Task<StepResult> TranscribeAudio([ActivityTrigger] ItemReference item, CancellationToken cancellationToken) =>
        RunAsync(TranscribeAudioStep.Definition, item, cancellationToken);

    [Function(StepNames.ReadText)]
    public Task<StepResult> ReadText([ActivityTrigger] ItemReference item, CancellationToken cancellationToken) =>
        RunAsync(ReadTextStep.Definition, item, cancellationToken);

    [Function(FindDuplicatesStep.StepName)]
    public Task<DuplicatesFound> FindDuplicates([ActivityTrigger] DuplicateSearch search, CancellationToken cancellationToken) =>
        RunAsync(FindDuplicatesStep.Definition, search, cancellationToken);

    [Function(PlanSynthesisStep.StepName)]
    public Task<SynthesisPlan> PlanSynthesis([ActivityTrigger] SynthesisLevel level, CancellationToken cancellationToken) =>
        RunAsync(PlanSynthesisStep.Definition, level, cancellationToken);

    [Function(StepNames.Synthesize)]
    public Task<StepResult> Synthesize([ActivityTrigger] SynthesisNode node, CancellationToken cancellationToken) =>
        RunAsync(SynthesizeStep.Definition, node, cancellationToken);

    [Function(StepNames.GenerateImage)]
    public Task<StepResult> GenerateImage([ActivityTrigger] RunReference run, CancellationToken cancellationToken) =>
        RunAsync(GenerateImageStep.Definition, run, cancellationToken);

    /// <summary>Notes the webhook's delivery with the report, so that it is tried even if the orchestration ends here.</summary>
    [Function(WriteReportStep.StepName)]
    public Task<RunResult> WriteReport([ActivityTrigger] RunReference run, CancellationToken cancellationToken) => TranslateFaultsAsync(
        async token =>
        {
            var result = await steps.RunAsync(WriteReportStep.Definition, run, token);
            await webhook.NoteAsync(run, result, token);
            return result;
        },
        cancellationToken);

    /// <summary>Tries the run's own webhook once; a timer repeats deliveries that fail.</summary>
    [Function(Deliver)]
    public Task DeliverWebhooks([ActivityTrigger] RunReference run, CancellationToken cancellationToken) =>
        webhook.DeliverAsync(run, cancellationToken);

    /// <summary>Deletes the state that older runs left in storage; their reports remain.</summary>
    [Function(ForgetRuns)]
    public Task ForgetOlderRuns([ActivityTrigger] RunReference run, CancellationToken cancellationToken) =>
        runs.DeleteOlderAsync(run, cancellationToken);

    private Task<TResult> RunAsync<TInput, TResult>(Step<TInput, TResult> step, TInput input, CancellationToken cancellationToken)
        where TInput : IStepInput =>
        TranslateFaultsAsync(token => steps.RunAsync(step, input, token), cancellationToken);

    /// <summary>Converts faults into the types that the orchestration's retry policy distinguishes: transient faults and permanent ones.</summary>
    internal static async Task<TResult> TranslateFaultsAsync<TResult>(
        Func<CancellationToken, Task<TResult>> step, CancellationToken cancellationToken)
    {
        try
        {
            return await step(cancellationToken);
        }
        catch (Exception e) when (StorageFaults.IsTransient(e) || cancellationToken.IsCancellationRequested)
        {
            throw new TransientFaultException(e);
        }
        catch (Exception e)
        {
            throw new StepFaultException(e);
        }
    }
}
