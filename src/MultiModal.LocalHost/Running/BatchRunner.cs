using Microsoft.Extensions.Options;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Steps;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.LocalHost.Running;

/// <summary>Executes a run in this process.</summary>
internal sealed class BatchRunner(
    StepSet steps, StepSlots slots, RunStore runs, IOptions<PipelineOptions> options, TimeProvider time, ILogger<LocalSteps> logger)
{
    /// <param name="run">The run. A process that died may have begun it; finished work is not repeated.</param>
    /// <param name="draining">Signals that no further step may begin; steps under way may end.</param>
    /// <param name="stopping">Signals that steps under way must be abandoned.</param>
    public async Task<RunResult> RunAsync(RunReference run, CancellationToken draining, CancellationToken stopping)
    {
        using var activity = Telemetry.Activities.StartActivity("run");
        activity?.SetTag("multimodal.batch", run.Batch.Value).SetTag("multimodal.run", run.RunSeq);
        var local = new LocalSteps(steps, slots, options, time, logger, stopping, draining);
        try
        {
            return await BatchWorkflow.RunAsync(new RecordedSteps(local, runs, stopping), run);
        }
        finally
        {
            // A run that is broken off is resumed from its records.
            await runs.LeaveAsync(run);
        }
    }
}
