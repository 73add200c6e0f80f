using Microsoft.Azure.Functions.Worker;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Webhooks;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Functions.Runs;

/// <summary>The steps as activities, named as the steps are.</summary>
public sealed class StepFunctions(BatchActivities activities, RunStore runs, CompletionWebhook webhook)
{
    internal const string Deliver = "deliver-webhooks";
    internal const string ForgetRuns = "forget-runs";

    [Function(StepNames.TakeInventory)]
    public Task<InventoryResult> TakeInventory([ActivityTrigger] RunReference run, CancellationToken cancellationToken) =>
        RunAsync(activities.TakeInventoryAsync, run, cancellationToken);

    [Function(StepNames.ReadSlice)]
    public Task<SlicePlan> ReadSlice([ActivityTrigger] SliceReference slice, CancellationToken cancellationToken) =>
        RunAsync(activities.ReadSliceAsync, slice, cancellationToken);

    [Function(StepNames.OptimizeImage)]
    public Task<StepResult> OptimizeImage([ActivityTrigger] ItemReference item, CancellationToken cancellationToken) =>
        RunAsync(activities.OptimizeImageAsync, item, cancellationToken);

    [Function(StepNames.AnalyzeImage)]
    public Task<StepResult> AnalyzeImage([ActivityTrigger] ItemReference item, CancellationToken cancellationToken) =>
        RunAsync(activities.AnalyzeImageAsync, item, cancellationToken);

    [Function(StepNames.PrepareAudio)]
    public Task<StepResult> PrepareAudio([ActivityTrigger] ItemReference item, CancellationToken cancellationToken) =>
        RunAsync(activities.PrepareAudioAsync, item, cancellationToken);

    [Function(StepNames.TranscribeAudio)]
    public Task<StepResult> TranscribeAudio([ActivityTrigger] ItemReference item, CancellationToken cancellationToken) =>
        RunAsync(activities.TranscribeAudioAsync, item, cancellationToken);

    [Function(StepNames.ReadText)]
    public Task<StepResult> ReadText([ActivityTrigger] ItemReference item, CancellationToken cancellationToken) =>
        RunAsync(activities.ReadTextAsync, item, cancellationToken);

    [Function(StepNames.PlanSynthesis)]
    public Task<SynthesisPlan> PlanSynthesis([ActivityTrigger] SynthesisLevel level, CancellationToken cancellationToken) =>
        RunAsync(activities.PlanSynthesisAsync, level, cancellationToken);

    [Function(StepNames.Synthesize)]
    public Task<StepResult> Synthesize([ActivityTrigger] SynthesisNode node, CancellationToken cancellationToken) =>
        RunAsync(activities.SynthesizeAsync, node, cancellationToken);

    /// <summary>The webhook's delivery is noted with the report, so that whatever comes to an end here, it is tried.</summary>
    [Function(StepNames.WriteReport)]
    public Task<RunResult> WriteReport([ActivityTrigger] RunReference run, CancellationToken cancellationToken) => RunAsync(
        async (_, token) =>
        {
            var result = await activities.WriteReportAsync(run, token);
            await webhook.NoteAsync(run, result, token);
            return result;
        },
        run,
        cancellationToken);

    /// <summary>Tries the webhook once; what it does not take, a timer tries again.</summary>
    [Function(Deliver)]
    public Task DeliverWebhooks([ActivityTrigger] RunReference run, CancellationToken cancellationToken) => webhook.DeliverDueAsync(cancellationToken);

    /// <summary>What older runs left in storage; their reports stay.</summary>
    [Function(ForgetRuns)]
    public Task ForgetOlderRuns([ActivityTrigger] RunReference run, CancellationToken cancellationToken) => runs.DeleteOlderAsync(run, cancellationToken);

    internal static async Task<TResult> RunAsync<TInput, TResult>(Func<TInput, CancellationToken, Task<TResult>> step, TInput input, CancellationToken cancellationToken)
    {
        try
        {
            return await step(input, cancellationToken);
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
