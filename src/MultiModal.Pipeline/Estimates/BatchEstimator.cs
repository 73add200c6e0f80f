using System.Text;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Steps;

namespace MultiModal.Pipeline.Estimates;

/// <summary>
/// Estimates the cost of a run without asking a model. Work that costs nothing is done for it (images are optimised, recordings cut) and
/// kept in the cache, where the run finds it: sizes and seconds are those that will be sent, not guesses.
/// </summary>
public sealed class BatchEstimator
{
    private const int ItemsAtATime = 4;

    // A token has at least three bytes of UTF-8 text (TokenEstimate), and four of English prose.
    private const int LeastBytesPerToken = 3;
    private const int UsualBytesPerToken = 4;

    // As the speech engines that are billed by tokens count them.
    private const int UsualTokensPerSecond = 3;
    private const int MostTokensPerSecond = 8;

    /// <summary>The name of flex in answers.</summary>
    private const string FlexTier = "flex";

    private readonly InventoryTaker inventory;
    private readonly BatchStore batches;
    private readonly AnalyzeImageStep images;
    private readonly TranscribeAudioStep audio;
    private readonly ReadTextStep texts;
    private readonly DuplicatePictures duplicates;
    private readonly GenerateImageStep pictures;
    private readonly PicturePrice picturePrice;
    private readonly EngineSet engines;
    private readonly PriceBook prices;
    private readonly TimeProvider time;

    internal BatchEstimator(
        InventoryTaker inventory, BatchStore batches, AnalyzeImageStep images, TranscribeAudioStep audio, ReadTextStep texts,
        DuplicatePictures duplicates, GenerateImageStep pictures, PicturePrice picturePrice, EngineSet engines, PriceBook prices, TimeProvider time)
    {
        this.inventory = inventory;
        this.batches = batches;
        this.images = images;
        this.audio = audio;
        this.texts = texts;
        this.duplicates = duplicates;
        this.pictures = pictures;
        this.picturePrice = picturePrice;
        this.engines = engines;
        this.prices = prices;
        this.time = time;
    }

    /// <returns>The estimate, or <c>invalid-batch-options</c>.</returns>
    public async Task<Outcome<BatchEstimate>> EstimateAsync(BatchName batch, CancellationToken cancellationToken)
    {
        var last = (await batches.ReadAsync(batch, cancellationToken))?.Value.RunSeq ?? 0;
        var (header, all) = await inventory.SurveyAsync(new RunReference(batch, last + 1), cancellationToken);
        if (header.Failure is { } invalid) return invalid;

        var items = all.Where(i => i.DuplicateOf is null).ToList();
        var planned = new (ItemEstimate Estimate, CallEstimate Said)[items.Count];
        var unpriced = new SortedSet<string>(StringComparer.Ordinal);
        var compared = new OptimizedImageRecord?[items.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ItemsAtATime, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, items.Count, parallel, async (index, token) =>
        {
            var plan = await PlanAsync(batch, items[index], header, token);
            compared[index] = plan.Succeeded ? plan.Value.Compared : null;
            planned[index] = Priced(items[index], plan, unpriced);
        });

        var comparable = compared.Index().Where(picture => picture.Item is not null).Select(picture => (picture.Index, picture.Item!));
        foreach (var same in await duplicates.FindAsync(batch, comparable, cancellationToken))
        {
            // No model is asked about it, and the synthesis does not hear of it twice.
            planned[same.Index] = (planned[same.Index].Estimate with { Calls = 0, Known = 0, Price = PriceRange.Nothing }, CallEstimate.Nothing);
        }

        var synthesis = Synthesis(header.Options, [.. planned.Select(p => p.Said)], unpriced);
        var illustration = header.Options.Illustration is { } wish ? Illustration(wish, unpriced) : null;
        var total = planned.Aggregate(synthesis + (illustration ?? PriceRange.Nothing), (sum, item) => sum + item.Estimate.Price);
        return new BatchEstimate(batch, [.. planned.Select(p => p.Estimate)], synthesis, total, [.. unpriced]) { Illustration = illustration };
    }

    private async Task<Outcome<ItemPlan>> PlanAsync(
        BatchName batch, InventoryItem item, InventoryHeader header, CancellationToken cancellationToken) => item switch
    {
        { Failure: { } failure } => failure,
        { Kind: ItemKind.Image } => ToPlan(
            engines.Vision?.Identity, await images.PlanAsync(batch, header.Options, item, header.NearDuplicates, cancellationToken)),
        { Kind: ItemKind.Audio } => ToPlan(engines.Speech?.Identity, await audio.PlanAsync(batch, header.Options, item, cancellationToken)),
        { Kind: ItemKind.Text } when ReadTextStep.HasPages(item) => await PlanPagesAsync(batch, item, header.Options, cancellationToken),
        { Kind: ItemKind.Text } => new ItemPlan(null, [], item.Bytes),
        _ => new ItemPlan(null, []),
    };

    private async Task<Outcome<ItemPlan>> PlanPagesAsync(
        BatchName batch, InventoryItem item, BatchOptions options, CancellationToken cancellationToken)
    {
        var content = await texts.ReadPagesAsync(batch, item, cancellationToken);
        if (!content.Succeeded) return content.Failure;
        var bytes = Encoding.UTF8.GetByteCount(content.Value.Text) + (content.Value.PageTexts ?? []).Sum(t => Encoding.UTF8.GetByteCount(t.Text));
        if (content.Value.Pages is not { Count: > 0 } pages) return new ItemPlan(null, [], bytes);

        // A text layer can be read even if no engine looks at the pages that are pictures.
        var calls = await images.PlanAsync(batch, options, pages, cancellationToken);
        return calls.Succeeded || bytes == 0 ? ToPlan(engines.Vision?.Identity, calls, bytes) : new ItemPlan(null, [], bytes);
    }

    private static Outcome<ItemPlan> ToPlan(EngineIdentity? engine, Outcome<PlannedCall[]> calls, long textBytes = 0) =>
        calls.Succeeded ? new ItemPlan(engine, calls.Value, textBytes) : calls.Failure;

    private static Outcome<ItemPlan> ToPlan(EngineIdentity? engine, Outcome<PlannedImage> image) =>
        image.Succeeded ? new ItemPlan(engine, image.Value.Calls) { Compared = image.Value.Compared } : image.Failure;

    /// <returns>The item's estimate, and the number of output tokens that its answers add to the synthesis.</returns>
    private (ItemEstimate, CallEstimate) Priced(InventoryItem item, Outcome<ItemPlan> plan, SortedSet<string> unpriced)
    {
        if (!plan.Succeeded) return (new ItemEstimate(item.Name, item.Kind, null, 0, 0, PriceRange.Nothing, plan.Failure.Code), CallEstimate.Nothing);
        var (engine, calls, textBytes) = plan.Value;
        var toPay = calls.Where(c => !c.Known).ToList();
        var price = toPay.Aggregate(PriceRange.Nothing, (sum, call) => sum + Price(engine!, call.Estimate, call.Fallback, call.AtFlex, unpriced));
        var usual = new Usage(
            OutputTokens: (textBytes / UsualBytesPerToken)
                + calls.Sum(c => c.Estimate.Usual.OutputTokens + (long)(c.Estimate.Usual.AudioSeconds * UsualTokensPerSecond)));
        var most = new Usage(
            OutputTokens: (textBytes / LeastBytesPerToken)
                + calls.Sum(c => c.Estimate.Most.OutputTokens + (long)(c.Estimate.Most.AudioSeconds * MostTokensPerSecond)));
        var said = new CallEstimate(Usage.None, usual, usual, most);
        return (new ItemEstimate(item.Name, item.Kind, engine?.Name, toPay.Count, calls.Count - toPay.Count, price, null), said);
    }

    /// <summary>
    /// Price of the synthesis. Groups of the tree are cut by content; the expected price counts them as if all were
    /// full, and the highest as if each level halved.
    /// </summary>
    private PriceRange Synthesis(BatchOptions options, IReadOnlyList<CallEstimate> said, SortedSet<string> unpriced)
    {
        var speaking = said.Count(s => s.Most.OutputTokens > 0);
        if (engines.Text is not { } text || text.Identity.IsFree || speaking < 2) return PriceRange.Nothing;
        return Price(
            text.Identity, OfTree(text), text.Fallback is { } fallback ? new FallbackEstimate(fallback.Identity, OfTree(fallback)) : null,
            text.AsksFlex(options.IsPatient), unpriced);

        CallEstimate OfTree(ITextEngine engine)
        {
            var one = engine.Estimate(new SynthesisRequest([], options.Instructions, options.WrittenIn));
            var expected = Tree(one.Usual, said.Sum(s => s.Usual.OutputTokens), groups => groups);
            var most = Tree(one.Most, said.Sum(s => s.Most.OutputTokens), groups => (2 * groups) - 1);
            return new CallEstimate(Usage.None, expected, expected, most);
        }

        Usage Tree(Usage call, long tokens, Func<long, long> calls)
        {
            var groups = Math.Max(1, (tokens + engines.SynthesisInputTokens - 1) / engines.SynthesisInputTokens);
            var made = calls(groups) + (groups > 1 ? 1 : 0);
            return new Usage(tokens + (made * call.InputTokens), 0, made * call.OutputTokens);
        }
    }

    /// <summary>
    /// Price of a picture. Its prompt is made from a synthesis that is not known yet, and costs hardly anything beside the picture. One that is not
    /// made, because it may not cost so much or no engine makes pictures, costs nothing.
    /// </summary>
    private PriceRange Illustration(IllustrationOptions wish, SortedSet<string> unpriced)
    {
        if (engines.Pictures is not { } engine) return PriceRange.Nothing;
        var request = pictures.RequestOf(new string('.', PictureRequest.LongestPrompt / 4), wish);
        var reserved = picturePrice.ReservedUsd(engine, request);
        if (reserved.Succeeded) return new PriceRange(0, picturePrice.ExpectedUsd(engine, request) ?? reserved.Value, reserved.Value);
        if (reserved.Failure.Code == FailureCodes.ModelUnpriced) unpriced.Add(engine.Identity.Name);
        return PriceRange.Nothing;
    }

    /// <summary>Price of a call to the first engine. The ends of its range hold for the fallback too, if that has a price.</summary>
    private PriceRange Price(EngineIdentity engine, CallEstimate estimate, FallbackEstimate? fallback, bool atFlex, SortedSet<string> unpriced)
    {
        if (RangeOf(engine, estimate) is not { } range)
        {
            lock (unpriced) unpriced.Add(engine.Name);
            return PriceRange.Nothing;
        }

        // Most calls are answered at flex, where it has capacity; all of them can go to the standard tier.
        if (atFlex) range = range with { LeastUsd = AtFlex(estimate.Least), ExpectedUsd = AtFlex(estimate.Usual) };
        return fallback is not null && RangeOf(fallback.Engine, fallback.Estimate) is { } other
            ? range with { LeastUsd = Math.Min(range.LeastUsd, other.LeastUsd), MostUsd = Math.Max(range.MostUsd, other.MostUsd) }
            : range;

        decimal AtFlex(Usage usage) => prices.PriceOf(engine, usage with { Tier = FlexTier }, time.GetUtcNow()) ?? 0;
    }

    private PriceRange? RangeOf(EngineIdentity engine, CallEstimate estimate)
    {
        var now = time.GetUtcNow();
        return prices.PriceOf(engine, estimate.Most, now) is { } most
            ? new PriceRange(prices.PriceOf(engine, estimate.Least, now) ?? 0, prices.PriceOf(engine, estimate.Usual, now) ?? 0, most)
            : null;
    }
}

/// <summary>The work that a run would do for an item.</summary>
/// <param name="Engine">Engine that would be asked; null for none.</param>
/// <param name="Calls">Calls that would be made.</param>
/// <param name="TextBytes">Size of the text that is read without an engine, in UTF-8 bytes.</param>
internal sealed record ItemPlan(EngineIdentity? Engine, IReadOnlyList<PlannedCall> Calls, long TextBytes = 0)
{
    /// <summary>The image that would be compared with others; null for none.</summary>
    public OptimizedImageRecord? Compared { get; init; }
}
