using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Steps;

namespace MultiModal.Pipeline.Workflow;

/// <summary>
/// The work behind each step: what a Durable activity or <see cref="LocalSteps"/> calls. A failure that is the item's own
/// (a corrupt image, a refused prompt) is a result; an exception is a fault of storage or host, which the host retries.
/// </summary>
public sealed class BatchActivities
{
    private readonly RunStore runs;
    private readonly InboxListing listing;
    private readonly InventoryTaker inventory;
    private readonly ImageSteps images;
    private readonly AudioSteps audio;
    private readonly TextSteps text;
    private readonly SynthesisSteps synthesis;
    private readonly ReportWriter reports;

    internal BatchActivities(RunStore runs, InboxListing listing, InventoryTaker inventory, ImageSteps images, AudioSteps audio, TextSteps text, SynthesisSteps synthesis, ReportWriter reports)
    {
        this.runs = runs;
        this.listing = listing;
        this.inventory = inventory;
        this.images = images;
        this.audio = audio;
        this.text = text;
        this.synthesis = synthesis;
        this.reports = reports;
    }

    public Task<InventoryResult> TakeInventoryAsync(RunReference run, CancellationToken cancellationToken) => inventory.TakeAsync(run, cancellationToken);

    public async Task<SlicePlan> ReadSliceAsync(SliceReference slice, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(slice);
        var items = await runs.ReadPageAsync(slice.Run, slice.Slice, cancellationToken);
        return new SlicePlan([.. items.Select(i => i.Failure is null && i.DuplicateOf is null && i.Kind != ItemKind.Unsupported ? i.Kind : (ItemKind?)null)]);
    }

    public Task<StepResult> OptimizeImageAsync(ItemReference item, CancellationToken cancellationToken) => images.OptimizeAsync(item, cancellationToken);

    public Task<StepResult> AnalyzeImageAsync(ItemReference item, CancellationToken cancellationToken) => images.AnalyzeAsync(item, cancellationToken);

    public Task<StepResult> PrepareAudioAsync(ItemReference item, CancellationToken cancellationToken) => audio.PrepareAsync(item, cancellationToken);

    public Task<StepResult> TranscribeAudioAsync(ItemReference item, CancellationToken cancellationToken) => audio.TranscribeAsync(item, cancellationToken);

    public Task<StepResult> ReadTextAsync(ItemReference item, CancellationToken cancellationToken) => text.ReadAsync(item, cancellationToken);

    public Task<SynthesisPlan> PlanSynthesisAsync(SynthesisLevel level, CancellationToken cancellationToken) => synthesis.PlanAsync(level, cancellationToken);

    public Task<StepResult> SynthesizeAsync(SynthesisNode node, CancellationToken cancellationToken) => synthesis.SynthesizeAsync(node, cancellationToken);

    public async Task<RunResult> WriteReportAsync(RunReference run, CancellationToken cancellationToken)
    {
        var result = await reports.WriteAsync(run, cancellationToken);
        return result with { Superseded = await runs.IsSupersededAsync(run, listing, cancellationToken) };
    }
}
