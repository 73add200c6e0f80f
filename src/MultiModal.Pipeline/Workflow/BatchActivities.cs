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

    public Task<InventoryResult> TakeInventory(RunReference run, CancellationToken cancellationToken) => inventory.Take(run, cancellationToken);

    public async Task<SlicePlan> ReadSlice(SliceReference slice, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(slice);
        var items = await runs.ReadPage(slice.Run, slice.Slice, cancellationToken);
        return new SlicePlan([.. items.Select(i => i.Failure is null && i.DuplicateOf is null && i.Kind != ItemKind.Unsupported ? i.Kind : (ItemKind?)null)]);
    }

    public Task<StepResult> OptimizeImage(ItemReference item, CancellationToken cancellationToken) => images.Optimize(item, cancellationToken);

    public Task<StepResult> AnalyzeImage(ItemReference item, CancellationToken cancellationToken) => images.Analyze(item, cancellationToken);

    public Task<StepResult> PrepareAudio(ItemReference item, CancellationToken cancellationToken) => audio.Prepare(item, cancellationToken);

    public Task<StepResult> TranscribeAudio(ItemReference item, CancellationToken cancellationToken) => audio.Transcribe(item, cancellationToken);

    public Task<StepResult> ReadText(ItemReference item, CancellationToken cancellationToken) => text.Read(item, cancellationToken);

    public Task<SynthesisPlan> PlanSynthesis(SynthesisLevel level, CancellationToken cancellationToken) => synthesis.Plan(level, cancellationToken);

    public Task<StepResult> Synthesize(SynthesisNode node, CancellationToken cancellationToken) => synthesis.Synthesize(node, cancellationToken);

    public async Task<RunResult> WriteReport(RunReference run, CancellationToken cancellationToken)
    {
        var result = await reports.WriteAsync(run, cancellationToken);
        return result with { Superseded = await runs.IsSuperseded(run, listing, cancellationToken) };
    }
}
