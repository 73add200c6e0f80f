using Microsoft.Extensions.Options;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Steps;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.LocalHost.Running;

/// <summary>Executes a run in this process.</summary>
internal sealed class BatchRunner(StepSet steps, StepSlots slots, IOptions<PipelineOptions> options, TimeProvider time, ILogger<LocalSteps> logger)
{
    /// <param name="run">The run. A process that died may have begun it; finished work is not repeated.</param>
    /// <param name="draining">Signals that no further step may begin; steps under way may end.</param>
    /// <param name="stopping">Signals that steps under way must be abandoned.</param>
    public async Task<RunResult> RunAsync(RunReference run, CancellationToken draining, CancellationToken stopping)
    {
        using var activity = Telemetry.Activities.StartActivity("run");
        activity?.SetTag("multimodal.batch", run.Batch.Value).SetTag("multimodal.run", run.RunSeq);
        var local = new LocalSteps(steps, slots, options, time, logger, stopping, draining);
        return await BatchWorkflow.RunAsync(local, run);
    }
}
