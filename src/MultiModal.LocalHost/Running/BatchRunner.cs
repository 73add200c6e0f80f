using Microsoft.Extensions.Options;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Steps;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.LocalHost.Running;

/// <summary>Carries out a run in this process.</summary>
internal sealed class BatchRunner(StepSet steps, StepSlots slots, IOptions<PipelineOptions> options, TimeProvider time, ILogger<LocalSteps> logger)
{
    /// <param name="run">May have been begun by a process that died: what it has done is not done again.</param>
    /// <param name="draining">No further step is begun; those under way may end.</param>
    /// <param name="stopping">Steps under way are given up.</param>
    public async Task<RunResult> RunAsync(RunReference run, CancellationToken draining, CancellationToken stopping)
    {
        using var activity = Telemetry.Activities.StartActivity("run");
        activity?.SetTag("multimodal.batch", run.Batch.Value).SetTag("multimodal.run", run.RunSeq);
        var local = new LocalSteps(steps, slots, options, time, logger, stopping, draining);
        return await BatchWorkflow.RunAsync(local, run);
    }
}
