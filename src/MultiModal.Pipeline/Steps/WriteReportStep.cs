using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Steps;

/// <summary>Writes the run's report.</summary>
internal sealed class WriteReportStep(RunStore runs, InboxListing listing, InboxReader inbox, ReportWriter reports) : IStep<RunReference, RunResult>
{
    public const string StepName = "write-report";

    public static readonly Step<RunReference, RunResult> Definition = new(StepName);

    public string Name => StepName;

    public async Task<RunResult> RunAsync(RunReference input, CancellationToken cancellationToken)
    {
        await runs.WriteAllRecordsAsync(input, cancellationToken);
        var result = await reports.WriteAsync(input, cancellationToken);
        inbox.ForgetCopies(input.Batch);
        return result with { Superseded = await runs.IsSupersededAsync(input, listing, cancellationToken) };
    }
}
