using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Places;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Text;

namespace MultiModal.Pipeline.Steps;

/// <summary><c>optimize-image</c>: shrinks an image to the size that its model makes use of.</summary>
internal sealed class OptimizeImageStep(
    RunStore runs,
    StepRunner runner,
    InboxReader inbox,
    ContentCache cache,
    WorkFolder workFolder,
    IImageEngine images,
    GuardedDecodes decodes,
    DuplicatePictures duplicates,
    EngineSet engines,
    IOptions<ImageOptions> imageOptions,
    TimeProvider time) : ItemStep(runner, Definition)
{
    public static readonly Step<ItemReference, StepResult> Definition = Step.Contained<ItemReference>(StepNames.OptimizeImage);

    /// <summary>Version of the step, raised when a change to the code changes the step's answers.</summary>
    private const int OptimizeVersion = 2;

    /// <summary>Maximum side of a JPEG, which is the target for images sent whole.</summary>
    private const int WholeEdge = 65_535;

    private readonly ImageOptions limits = imageOptions.Value;

    /// <summary>Returns the item's own file, or the picture of one of its pages.</summary>
    public async Task<ImageOriginal> OriginalAsync(ItemReference item, InventoryItem subject, CancellationToken cancellationToken)
    {
        if (subject.Kind != ItemKind.Text) return ItemItself(subject, item.Part);
        return PageItself((await runs.ReadResultAsync<TextContent>(item with { Part = 0, Tile = 0 }, StepNames.ReadText, cancellationToken)).Pages![item.Part]);
    }

    public ImageOriginal PageItself(PageImage page) =>
        new(page.Hash, page.Bytes, MediaType: null, async (path, token) => await cache.FetchFileAsync(page.CacheName, path, token)
        ? null
        : new Failure(
            FailureCodes.StepAbandoned, $"The picture of page {page.Page} is gone from the cache. Start the batch again.", Retryable: true));

    /// <param name="subject">An image.</param>
    /// <param name="page">Page of a TIFF, from 0.</param>
    public ImageOriginal ItemItself(InventoryItem subject, int page = 0) =>
        new(subject.Hash!.Value, subject.Bytes, subject.MediaType, (path, token) => inbox.FetchAsync(subject, path, token), page);

    /// <summary>Optimises an image, or finds the optimised one in the cache. It may be cut into tiles.</summary>
    public Task<StepWork> OptimizeAsync(BatchName batch, BatchOptions options, ImageOriginal original, CancellationToken cancellationToken) =>
        OptimizeAsync(batch, options, original, mayDivide: true, again: false, cancellationToken);

    /// <summary>The first page of a TIFF says how many of them are looked at.</summary>
    private async Task<StepWork> OptimizeAsync(
        BatchName batch, BatchOptions options, ImageOriginal original, bool mayDivide, bool again, CancellationToken cancellationToken)
    {
        var work = await OptimizePageAsync(batch, options, original, mayDivide, again, cancellationToken);
        if (original.Page > 0 || work.Read<OptimizedImageRecord>() is not { Pages: { } pages } image) return mayDivide ? work : work with { Parts = 1 };
        var looked = mayDivide ? Math.Min(pages, limits.MaxPages) : 1;
        if (looked < pages) image = image with { Note = string.Join(' ', new[] { image.Note, ImageFile.PagesNote(looked, pages) }.OfType<string>()) };
        return work with { Result = JsonSerializer.SerializeToElement(image, PipelineJson.Options), Parts = looked };
    }

    private async Task<StepWork> OptimizePageAsync(
        BatchName batch, BatchOptions options, ImageOriginal original, bool mayDivide, bool again, CancellationToken cancellationToken)
    {
        var request = new OptimizeRequest(
            limits.Optimize ? options.MaxEdge ?? limits.MaxEdge : WholeEdge,
            limits.MaxPixels,
            limits.JpegQuality,
            limits.Optimize ? engines.Vision?.TokenRule : null,
            options.Detail ?? limits.Detail,
            limits.PartialDecode,
            limits.MaxFrames,
            MeasuresText: limits.Optimize && limits.Legible,
            Page: original.Page);

        // Edge, rule and detail determine the target of an original whose size is unknown before it is fetched.
        var first = CacheKey.Create(
            StepNames.OptimizeImage, original.Hash, OptimizeVersion, images.Identity, request.MaxEdge, request.TokenRule, request.Detail,
            request.JpegQuality, request.AllowPartial);
        // Other pages belong to the entry of the first one, with which they are deleted.
        var key = original.Page == 0 ? first : first.Under(string.Create(CultureInfo.InvariantCulture, $"page-{original.Page + 1}"));
        var usual = (original.Page == 0
            ? await cache.UseAsync<OptimizedImageRecord>(key, batch, cancellationToken)
            : await cache.FindAsync<OptimizedImageRecord>(key, cancellationToken))?.Value;
        var outcome = await FindAsync(key, usual, request, options, mayDivide, cancellationToken);
        if (outcome is not null) return outcome;
        if (original.Bytes > limits.MaxBytes)
        {
            return StepWork.Failed(new Failure(FailureCodes.FileTooLarge, string.Create(
                CultureInfo.InvariantCulture,
                $"The image has {original.Bytes:N0} bytes, and Images:MaxBytes allows {limits.MaxBytes:N0}. Export it smaller, or raise the limit.")));
        }

        using var space = workFolder.Create();
        var path = space.File("original");
        if (await original.Fetch(path, cancellationToken) is { } unread) return StepWork.Failed(unread);
        var work = CpuWork.Image(batch.Value, original.Bytes, images.DecodesApart(original.MediaType));
        if (usual?.TextHeight is null)
        {
            // An entry of an earlier version, whose image no model of today has looked at, says nothing about its text.
            if (usual is not null) await cache.ForgetAsync(key.Name, cancellationToken);
            var made = await MakeAsync(
                key, again || usual is not null || original.Page > 0 ? null : batch, work, path, request, cancellationToken);
            if (!made.Succeeded) return StepWork.Failed(made.Failure) with { Parts = PagesOf(path, original, made.Failure) };
            usual = made.Value;
        }

        var plan = PlanOf(usual);
        if (mayDivide && MayTile(plan, usual))
        {
            var tiled = await TilesOf(key, usual, plan, cancellationToken) is { } known ? known
                : await CutAsync(key, usual, plan, work, path, request, cancellationToken);
            if (!tiled.Succeeded) return StepWork.Failed(tiled.Failure);
            if (tiled.Value.Tiles is not null) return Done(tiled.Value, plan: null, key, CacheOutcome.Miss);
            plan = plan with { Shortfall = tiled.Value.Shortfall };
        }

        if (IsUsual(plan, usual)) return Done(usual, plan, key, CacheOutcome.Miss);
        var larger = request with { Edge = plan.Edge, Detail = plan.Detail, MeasuresText = false };
        var planned = await MakeAsync(KeyOf(plan, key), user: null, work, path, larger, cancellationToken);
        return planned.Succeeded ? Done(planned.Value, plan, key, CacheOutcome.Miss) : StepWork.Failed(planned.Failure);
    }

    /// <summary>Pages of a TIFF whose first one fails: that is no reason not to look at the others.</summary>
    private int PagesOf(string path, ImageOriginal original, Failure failure) =>
        original is { Page: 0, MediaType: "image/tiff" } && failure.Code is FailureCodes.CorruptImage or FailureCodes.UnsupportedImage
            ? Math.Clamp(TiffDirectories.Read(path, limits.MaxFrames).Count, 1, limits.MaxPages)
            : 1;

    /// <summary>
    /// Finds the optimised image. What an earlier version made is used as it is if a model has looked at it: an upgrade alone pays nothing.
    /// </summary>
    /// <returns>The result of the step; null if something has to be made.</returns>
    private async Task<StepWork?> FindAsync(
        CacheKey key, OptimizedImageRecord? usual, OptimizeRequest request, BatchOptions options, bool mayDivide,
        CancellationToken cancellationToken)
    {
        if (usual is null) return null;
        if (!request.MeasuresText) return Done(usual, plan: null, key, CacheOutcome.Hit);
        if (usual.TextHeight is null)
        {
            return await IsAnalyzedAsync(usual, options, cancellationToken) ? Done(usual, plan: null, key, CacheOutcome.Hit) : null;
        }

        var plan = PlanOf(usual);
        var whole = IsUsual(plan, usual) ? usual : (await cache.FindAsync<OptimizedImageRecord>(KeyOf(plan, key), cancellationToken))?.Value;
        if (mayDivide && MayTile(plan, usual))
        {
            // What could be read and was looked at before images were cut keeps its answer.
            if (whole is not null && plan.Shortfall is null && await IsAnalyzedAsync(whole, options, cancellationToken))
                return Done(whole, plan, key, CacheOutcome.Hit);
            if (await TilesOf(key, usual, plan, cancellationToken) is not { } tiled) return null;
            if (tiled.Tiles is not null) return Done(tiled, plan: null, key, CacheOutcome.Hit);
            plan = plan with { Shortfall = tiled.Shortfall };
        }

        return whole is null ? null : Done(whole, plan, key, CacheOutcome.Hit);
    }

    private async Task<bool> IsAnalyzedAsync(OptimizedImageRecord image, BatchOptions options, CancellationToken cancellationToken) =>
        engines.Vision is not { } vision
        || await cache.HasAnyAsync<ImageAnalysis>(AnalyzeImageStep.KeysOf(vision, image, options), cancellationToken);

    /// <summary>Every image of an original belongs to the entry of the usual one, with which it is deleted.</summary>
    private static StepWork Done(OptimizedImageRecord image, LegiblePlan? plan, CacheKey key, CacheOutcome outcome) =>
        StepWork.Done(image with { Shortfall = plan?.Shortfall }) with { Cache = outcome, CacheName = EntryOf(key), Tiles = image.Pictures };

    /// <summary>Name of the entry that names its users.</summary>
    private static string EntryOf(CacheKey key) => string.Join('/', key.Name.Split('/').Take(3));

    private ImageReader Reader => engines.Vision?.Reader ?? ImageReader.Here;

    private LegiblePlan PlanOf(OptimizedImageRecord usual) => LegiblePlan.Choose(
        (usual.Width, usual.Height), usual.TextHeight ?? 0, new LegiblePlan(Math.Max(usual.SentWidth, usual.SentHeight), usual.Detail), Reader,
        limits.MaxTokens);

    /// <summary>An image that is legible as usual is never cut.</summary>
    private bool MayTile(LegiblePlan plan, OptimizedImageRecord usual) =>
        (plan.Shortfall is not null || !IsUsual(plan, usual))
        && TilePlan.MayBeBetter((usual.Width, usual.Height), usual.TextHeight ?? 0, plan, Reader);

    /// <summary>
    /// The image in tiles, which may have been found to be better sent whole: then there are none. Null where it was never cut for such a model.
    /// </summary>
    private async Task<OptimizedImageRecord?> TilesOf(
        CacheKey key, OptimizedImageRecord usual, LegiblePlan whole, CancellationToken cancellationToken) =>
        (await cache.FindAsync<OptimizedImageRecord>(TilesKey(key, usual, whole), cancellationToken))?.Value;

    /// <summary>All that shapes the tiles is part of their name.</summary>
    private CacheKey TilesKey(CacheKey key, OptimizedImageRecord usual, LegiblePlan whole) => key.Under("tiles-" + ContentHash.Compute(
        JsonSerializer.SerializeToUtf8Bytes(
            new object?[]
            {
                TilePlan.Version, TilePlan.AcceptedHeight, LegiblePlan.LeastHeight, Reader.Rule?.Tiles, Reader.Rule?.Patches, Reader.MostEdge,
                Reader.RequestTokens, limits.MaxTokens, usual.Detail, whole.Edge, whole.Detail,
            },
            PipelineJson.Options)).Value[..16]);

    private async Task<Outcome<OptimizedImageRecord>> CutAsync(
        CacheKey key, OptimizedImageRecord usual, LegiblePlan whole, CpuWork work, string path, OptimizeRequest request,
        CancellationToken cancellationToken)
    {
        var tilesKey = TilesKey(key, usual, whole);
        var shortfall = whole.Shortfall;
        var decode = decodes.RunAsync(work, tilesKey, () => CutMendedAsync(path, request, Choose, cancellationToken), cancellationToken);
        // As for an image that is sent whole: libvips cannot be stopped at any time.
        var cut = work.Kind == CpuWorkKind.Image ? await decode.WaitAsync(cancellationToken) : await decode;
        if (!cut.Succeeded) return cut.Failure;
        var record = usual with { Shortfall = shortfall };
        if (cut.Value.Plan is { } plan) record = await KeepAsync(tilesKey, usual, plan, cut.Value.Tiles, cancellationToken);
        await cache.StoreAgainAsync(
            tilesKey, new CachedAnswer<OptimizedImageRecord>(record, null, Usage.None, 0, time.GetUtcNow()), cancellationToken);
        return record;

        TilePlan? Choose(TextLayout layout)
        {
            if (TilePlan.Choose(layout, usual.TextHeight ?? 0, whole, Reader) is not { } tiles) return null;
            if (tiles.Tokens <= limits.MaxTokens) return tiles;
            if (shortfall is not null) shortfall = LegiblePlan.TooDearInTiles(limits.MaxTokens, tiles.Tokens);
            return null;
        }
    }

    private async Task<OptimizedImageRecord> KeepAsync(
        CacheKey key, OptimizedImageRecord usual, TilePlan plan, IReadOnlyList<EncodedTile> encoded, CancellationToken cancellationToken)
    {
        var tiles = new List<ImageTile>(encoded.Count);
        foreach (var (tile, at) in encoded.Zip(plan.Tiles))
        {
            var name = ContentCache.FileName(key, string.Create(CultureInfo.InvariantCulture, $"tile-{tiles.Count}"));
            await cache.StoreFileAsync(name, new BinaryData(tile.Bytes).ToStream(), tile.MediaType, cancellationToken);
            tiles.Add(new ImageTile(
                name, ContentHash.Compute(tile.Bytes.Span), tile.MediaType, tile.Bytes.Length, tile.Width, tile.Height, at.Detail, at.Left, at.Top,
                at.Width, at.Height));
        }

        var (width, height) = plan.Sent((usual.Width, usual.Height));
        return usual with
        {
            CacheName = tiles[0].CacheName, Hash = tiles[0].Hash, MediaType = tiles[0].MediaType, Bytes = tiles.Sum(tile => tile.Bytes),
            SentWidth = width, SentHeight = height, Detail = tiles[0].Detail, Shortfall = null, Tiles = tiles,
        };
    }

    private static bool IsUsual(LegiblePlan plan, OptimizedImageRecord usual) =>
        plan.Edge == Math.Max(usual.SentWidth, usual.SentHeight) && plan.Detail == usual.Detail;

    private static CacheKey KeyOf(LegiblePlan plan, CacheKey usual) =>
        usual.Under(string.Create(CultureInfo.InvariantCulture, $"legible-{plan.Edge}-{plan.Detail}"));

    /// <param name="key">Where the image is stored.</param>
    /// <param name="user">The batch that is named as the first user of the entry; null where the entry is a part of another, or was forgotten.</param>
    /// <param name="work">The work, which takes a place.</param>
    /// <param name="path">The original.</param>
    /// <param name="request">How it is shrunk.</param>
    /// <param name="cancellationToken">Token that ends the call.</param>
    private async Task<Outcome<OptimizedImageRecord>> MakeAsync(
        CacheKey key, BatchName? user, CpuWork work, string path, OptimizeRequest request, CancellationToken cancellationToken)
    {
        var decode = decodes.RunAsync(work, key, () => DecodeAsync(path, request, cancellationToken), cancellationToken);
        // libvips cannot be stopped at any time. The step does not wait for it: the decode keeps its place and its mark until it ends.
        var decoded = work.Kind == CpuWorkKind.Image ? await decode.WaitAsync(cancellationToken) : await decode;
        if (!decoded.Succeeded) return decoded.Failure;
        var (image, detail) = decoded.Value;
        var name = ContentCache.FileName(key, OptimizedImageRecord.File);
        await cache.StoreFileAsync(name, new BinaryData(image.Bytes).ToStream(), image.MediaType, cancellationToken);
        var record = new OptimizedImageRecord(
            name, ContentHash.Compute(image.Bytes.Span), image.MediaType, image.Bytes.Length, image.Width, image.Height, image.OriginalWidth,
            image.OriginalHeight, image.Note, detail, image.TextHeight, Pages: image.Pages, Incomplete: image.Incomplete);
        var answer = new CachedAnswer<OptimizedImageRecord>(record, null, Usage.None, 0, time.GetUtcNow());
        await (user is { } batch ? cache.StoreAsync(key, batch, answer, cancellationToken) : cache.StoreAgainAsync(key, answer, cancellationToken));
        return record;
    }

    private async Task<Outcome<TiledImage>> CutMendedAsync(
        string path, OptimizeRequest request, Func<TextLayout, TilePlan?> choose, CancellationToken cancellationToken)
    {
        var cut = await images.CutAsync(path, request, choose, cancellationToken);
        return await MendAsync(path, cut, cancellationToken) is null ? cut : await images.CutAsync(path, request, choose, cancellationToken);
    }

    /// <summary>Mends a file that could not be read because its end is missing.</summary>
    /// <returns>What is missing; null if there is nothing to mend.</returns>
    private static async Task<string?> MendAsync<T>(string path, Outcome<T> read, CancellationToken cancellationToken) where T : notnull =>
        !read.Succeeded && read.Failure.Code == FailureCodes.CorruptImage ? await Task.Run(() => JpegEnd.Mend(path), cancellationToken) : null;

    private async Task<Outcome<DetailedImage>> DecodeAsync(string path, OptimizeRequest request, CancellationToken cancellationToken)
    {
        var optimized = await images.OptimizeAsync(path, request, cancellationToken);
        if (await MendAsync(path, optimized, cancellationToken) is { } incomplete)
        {
            var mended = await DecodeAsync(path, request, cancellationToken);
            return mended.Succeeded ? mended.Value with { Image = mended.Value.Image with { Incomplete = incomplete } } : mended.Failure;
        }

        if (!optimized.Succeeded) return optimized.Failure;
        var image = optimized.Value;
        if (image.Detail is { } made) return new DetailedImage(image, made);
        if (request.Detail != ImageDetail.Auto) return new DetailedImage(image, request.Detail);

        var detail = await Task.Run(() => ImageDetail.Choose(request.TokenRule, image), cancellationToken);
        var chosen = request with { Detail = detail };
        if (detail != ImageDetail.Low
            || request.TargetOf(image.OriginalWidth, image.OriginalHeight) == chosen.TargetOf(image.OriginalWidth, image.OriginalHeight))
        {
            return new DetailedImage(image, detail);
        }

        // Low detail shows a smaller image; any additional pixels would be scaled away.
        var smaller = await images.OptimizeAsync(path, chosen, cancellationToken);
        return smaller.Succeeded ? new DetailedImage(smaller.Value, detail) : smaller.Failure;
    }

    /// <summary>Makes the optimised image of an entry again whose file a lifecycle rule deleted first.</summary>
    /// <returns>The image or its tile, which may differ from an earlier version's in size, format and detail, and its bytes.</returns>
    public async Task<(OptimizedImageRecord Image, BinaryData Bytes)> OptimizeAgainAsync(
        ItemReference item, BatchOptions options, ImageOriginal original, OptimizedImageRecord image, CancellationToken cancellationToken)
    {
        var entry = image.CacheName[..image.CacheName.LastIndexOf('/')];
        await cache.ForgetAsync(entry, cancellationToken);
        var again = await OptimizeAsync(item.Run.Batch, options, original, mayDivide: image.Tiles is not null, again: true, cancellationToken);
        return again.Read<OptimizedImageRecord>() is { } made && made.Pictures == image.Pictures && made.OfTile(item.Tile) is var picture
            && await cache.FindFileAsync(picture.CacheName, cancellationToken) is { } bytes
            ? (picture, bytes)
            : throw new InvalidOperationException(
                $"The optimised image of item {item.Index} no longer exists and could not be made again. Start the batch again.");
    }

    protected override async Task<StepWork> WorkAsync(ItemReference item, InventoryItem subject, CancellationToken cancellationToken)
    {
        var work = await OptimizeAsync(
            item.Run.Batch,
            await runs.ReadOptionsAsync(item.Run, cancellationToken),
            await OriginalAsync(item, subject, cancellationToken),
            item.MayDivide,
            again: false,
            cancellationToken);
        return subject.Kind == ItemKind.Image && item.Part == 0 && await runs.ReadHeaderAsync(item.Run, cancellationToken) is { NearDuplicates: true }
            ? await SketchedAsync(item.Run.Batch, work, cancellationToken)
            : work;
    }

    /// <summary>Adds the sketch by which the picture is compared with others of its batch.</summary>
    public async Task<StepWork> SketchedAsync(BatchName batch, StepWork work, CancellationToken cancellationToken)
    {
        if (work.Read<OptimizedImageRecord>() is not { } image) return work;
        var sketched = await duplicates.SketchAsync(batch, image, work.Parts, cancellationToken);
        return work with { Result = JsonSerializer.SerializeToElement(sketched, PipelineJson.Options) };
    }
}

/// <summary>The image to optimise: an item of its own, or a page of one.</summary>
/// <param name="Hash">Hash of the image's bytes.</param>
/// <param name="Bytes">Size of the image, in bytes.</param>
/// <param name="MediaType">Media type by content; null for the picture of a page.</param>
/// <param name="Fetch">Copies the image into a file; returns the reason if it could not, or null.</param>
/// <param name="Page">Page of a TIFF, from 0.</param>
internal sealed record ImageOriginal(
    ContentHash Hash, long Bytes, string? MediaType, Func<string, CancellationToken, Task<Failure?>> Fetch, int Page = 0);

/// <summary>An optimised image, and the detail to send it with.</summary>
internal sealed record DetailedImage(OptimizedImage Image, string Detail);
