using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Places;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Text;

namespace MultiModal.Pipeline.Steps;

/// <summary><c>analyze-image</c>: has a model look at an optimised image.</summary>
internal sealed class AnalyzeImageStep(
    RunStore runs, StepRunner runner, ContentCache cache, MeteredCalls calls, CpuLine places, OptimizeImageStep optimizing, EngineSet engines)
        : ItemStep(runner, Definition)
{
    public static readonly Step<ItemReference, StepResult> Definition = Step.Contained<ItemReference>(StepNames.AnalyzeImage);

    /// <summary>Version of the step, raised when a change to the code changes the step's answers.</summary>
    private const int AnalyzeVersion = 1;

    /// <summary>Plans the calls that a run would make for an image, which is optimised for the plan.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="options">Its options.</param>
    /// <param name="subject">The image.</param>
    /// <param name="isCompared">Whether the run would compare the picture with others.</param>
    /// <param name="cancellationToken">Token that ends the call.</param>
    public async Task<Outcome<PlannedImage>> PlanAsync(
        BatchName batch, BatchOptions options, InventoryItem subject, bool isCompared, CancellationToken cancellationToken)
    {
        if (engines.Vision is not { } vision) return StepWork.Off("Vision", "images").Failure!;
        var (first, calls) = await PlanAsync(vision, batch, options, optimizing.ItemItself(subject), cancellationToken);
        for (var page = 1; page < first.Parts; page++)
        {
            // A page that can't be decoded fails alone.
            calls.AddRange((await PlanAsync(vision, batch, options, optimizing.ItemItself(subject, page), cancellationToken)).Calls);
        }

        if (calls.Count == 0 && first.Failure is { } failure) return failure;
        var compared = isCompared ? await optimizing.SketchedAsync(batch, first, cancellationToken) : null;
        return new PlannedImage(calls, compared?.Read<OptimizedImageRecord>());
    }

    /// <summary>
    /// Plans the calls that a run would make for the pages of a PDF; a page that can't be decoded fails alone, and needs no call.
    /// </summary>
    public async Task<Outcome<PlannedCall[]>> PlanAsync(
        BatchName batch, BatchOptions options, IReadOnlyList<PageImage> pages, CancellationToken cancellationToken)
    {
        if (engines.Vision is not { } vision) return StepWork.Off("Vision", "images").Failure!;
        var calls = new List<PlannedCall>();
        Failure? last = null;
        foreach (var page in pages)
        {
            var (optimized, planned) = await PlanAsync(vision, batch, options, optimizing.PageItself(page), cancellationToken);
            calls.AddRange(planned);
            last = optimized.Failure ?? last;
        }

        return calls.Count == 0 && last is not null ? last : calls.ToArray();
    }

    /// <returns>The optimised image, and a call for each of its tiles; none if it failed.</returns>
    private async Task<(StepWork Optimized, List<PlannedCall> Calls)> PlanAsync(
        IVisionEngine vision, BatchName batch, BatchOptions options, ImageOriginal original, CancellationToken cancellationToken)
    {
        var optimized = await optimizing.OptimizeAsync(batch, options, original, cancellationToken);
        if (optimized.Read<OptimizedImageRecord>() is not { } image) return (optimized, []);
        var planned = new PlannedCall[image.Pictures];
        for (var tile = 0; tile < planned.Length; tile++)
        {
            var picture = image.OfTile(tile);
            var known = await cache.HasAnyAsync<ImageAnalysis>(KeysOf(vision, picture, options), cancellationToken);
            planned[tile] = new PlannedCall(
                EstimateOf(vision, picture),
                known,
                vision.Fallback is { } other ? new FallbackEstimate(other.Identity, EstimateOf(other, picture)) : null)
            {
                AtFlex = vision.AsksFlex(options.IsPatient),
            };
        }

        return (optimized, [.. planned]);

        CallEstimate EstimateOf(IVisionEngine engine, OptimizedImageRecord picture) =>
            engine.Estimate(picture.SentWidth, picture.SentHeight, picture.Detail, options.WrittenIn);
    }

    protected override async Task<StepWork> WorkAsync(ItemReference item, InventoryItem subject, CancellationToken cancellationToken)
    {
        if (engines.Vision is not { } vision) return StepWork.Off("Vision", "images");
        var options = await runs.ReadOptionsAsync(item.Run, cancellationToken);
        var whole = await runs.ReadResultAsync<OptimizedImageRecord>(item with { Tile = 0 }, StepNames.OptimizeImage, cancellationToken);
        var image = whole.OfTile(item.Tile);
        var (sent, original) = EstimatesOf(vision, image, whole, options);
        var asked = new CallSubject(item.Run, Name, KeysOf(vision, image, options), vision.Identity, sent, original);
        if (vision.Fallback is { } fallback)
        {
            var (instead, originally) = EstimatesOf(fallback, image, whole, options);
            asked = asked with
            {
                Fallback = new(KeyOf(null, image, options), fallback.Identity, KeyOf(fallback.Identity, image, options), instead, originally),
            };
        }

        await using var call = await calls.BeginAsync<ImageAnalysis>(asked, cancellationToken);
        if (call.Work is { } known) return known;

        var bytes = await cache.FindFileAsync(image.CacheName, cancellationToken);
        if (bytes is null)
        {
            var optimizedFrom = await optimizing.OriginalAsync(item, subject, cancellationToken);
            (image, bytes) = await optimizing.OptimizeAgainAsync(item, options, optimizedFrom, whole, cancellationToken);
        }

        var request = new VisionRequest(bytes.ToMemory(), image.MediaType, image.SentWidth, image.SentHeight, image.Detail, options.WrittenIn)
        {
            Patient = options.IsPatient,
        };
        return await call.CompleteAsync(await AskAsync(vision, item.Run.Batch, request, cancellationToken), cancellationToken);
    }

    private static (CallEstimate Sent, CallEstimate Original) EstimatesOf(
        IVisionEngine vision, OptimizedImageRecord image, OptimizedImageRecord whole, BatchOptions options)
    {
        var sent = vision.Estimate(image.SentWidth, image.SentHeight, image.Detail, options.WrittenIn);
        return (sent, whole.Tiles is null
            ? vision.Estimate(image.Width, image.Height, image.Detail, options.WrittenIn)
            : ShareOf(sent, vision, whole, options));
    }

    /// <summary>
    /// What the original would cost, in proportion to a tile's share of all tiles. Where the tiles cost more, because the model would shrink the
    /// original until nobody can read it, optimizing has saved nothing.
    /// </summary>
    private static CallEstimate ShareOf(CallEstimate sent, IVisionEngine vision, OptimizedImageRecord whole, BatchOptions options)
    {
        var original = vision.Estimate(whole.Width, whole.Height, ImageDetail.High, options.WrittenIn).Expected.InputTokens;
        var all = Enumerable.Range(0, whole.Pictures).Select(whole.OfTile)
            .Sum(tile => vision.Estimate(tile.SentWidth, tile.SentHeight, tile.Detail, options.WrittenIn).Expected.InputTokens);
        return all == 0 || original <= all
            ? sent
            : sent with { Expected = sent.Expected with { InputTokens = original * sent.Expected.InputTokens / all } };
    }

    private async Task<EngineAnswer<ImageAnalysis>> AskAsync(
        IVisionEngine vision, BatchName batch, VisionRequest request, CancellationToken cancellationToken)
    {
        using var place = vision.Identity.RunsHere
            ? await places.TakeAsync(CpuWork.Reading(batch.Value, request.Image.Length), cancellationToken)
            : null;
        return await vision.AnalyzeAsync(request, cancellationToken);
    }

    /// <summary>The keys of a model's answer about an optimised image: today's first.</summary>
    internal static CacheKey[] KeysOf(IVisionEngine vision, OptimizedImageRecord image, BatchOptions options) =>
    [
        .. vision.Identity.WithEarlier.Select(engine => KeyOf(engine, image, options)),
        .. vision.Fallback is { } fallback ? KeysOf(fallback, image, options) : [],
    ];

    /// <param name="engine">The engine that is asked; null for the question whichever engine answers.</param>
    /// <param name="image">The image that is sent.</param>
    /// <param name="options">Options of the batch.</param>
    private static CacheKey KeyOf(EngineIdentity? engine, OptimizedImageRecord image, BatchOptions options) =>
        CacheKey.Create(StepNames.AnalyzeImage, image.Hash, AnalyzeVersion, engine, image.Detail, options.WrittenIn);
}

/// <summary>The calls that a run would make for an image.</summary>
/// <param name="Calls">The calls.</param>
/// <param name="Compared">The image as it would be compared with others; null if it would not.</param>
internal sealed record PlannedImage(IReadOnlyList<PlannedCall> Calls, OptimizedImageRecord? Compared);
