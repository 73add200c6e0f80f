using Microsoft.Extensions.Options;
using MultiModal.Decoder.Pdf;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Places;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Text;

namespace MultiModal.Pipeline.Steps;

/// <summary>
/// <c>read-text</c>: reads a plain text completely; from a PDF it reads the text, and keeps the pages that are pictures, and the pictures on
/// others, as parts; from a web page it reads what a browser would show.
/// </summary>
internal sealed class ReadTextStep(
    StepRunner runner,
    InboxReader inbox,
    ContentCache cache,
    WorkFolder workFolder,
    PdfDocuments documents,
    HtmlDocuments webPages,
    CpuLine places,
    IOptions<TextOptions> textOptions,
    TimeProvider time) : ItemStep(runner, Definition)
{
    /// <summary>Definition of the step. The parts of its result are the page images to look at: 0 for a file that is read completely.</summary>
    public static readonly Step<ItemReference, StepResult> Definition = Step.Contained<ItemReference>(StepNames.ReadText);

    private const string Pdf = "application/pdf";

    /// <summary>Whether the text may consist of pages.</summary>
    public static bool HasPages(InventoryItem subject) => subject.MediaType == Pdf;

    /// <summary>Returns the content that a run would read from a PDF, which is read for that unless its content is known.</summary>
    public async Task<Outcome<TextContent>> ReadPagesAsync(BatchName batch, InventoryItem subject, CancellationToken cancellationToken)
    {
        var work = await ReadPdfAsync(batch, subject, cancellationToken);
        return work.Failure is { } failure ? failure : work.Read<TextContent>()!;
    }

    protected override Task<StepWork> WorkAsync(ItemReference item, InventoryItem subject, CancellationToken cancellationToken) =>
        HasPages(subject) ? ReadPdfAsync(item.Run.Batch, subject, cancellationToken)
        : subject.MediaType == TextShape.Html ? ReadHtmlAsync(item.Run.Batch, subject, cancellationToken)
        : ReadPlainAsync(subject, cancellationToken);

    private async Task<StepWork> ReadPlainAsync(InventoryItem subject, CancellationToken cancellationToken)
    {
        var opened = await inbox.OpenAsync(subject.BlobName, subject.ETag, cancellationToken);
        if (!opened.Succeeded) return StepWork.Failed(opened.Failure);
        await using var content = opened.Value;
        var text = await InboxReader.WatchAsync(() => TextDecoder.DecodeAsync(content, textOptions.Value, cancellationToken));
        return (text.Succeeded ? StepWork.Done(text.Value) : StepWork.Failed(text.Failure)) with { Parts = 0 };
    }

    private async Task<StepWork> ReadHtmlAsync(BatchName batch, InventoryItem subject, CancellationToken cancellationToken)
    {
        var key = CacheKey.Create(StepNames.ReadText, subject.Hash!.Value, webPages.Shape);
        if (await cache.UseAsync<TextContent>(key, batch, cancellationToken) is { } known) return Work(known.Value, key, CacheOutcome.Hit);

        var opened = await inbox.OpenAsync(subject.BlobName, subject.ETag, cancellationToken);
        if (!opened.Succeeded) return StepWork.Failed(opened.Failure);
        await using var content = opened.Value;
        var page = await InboxReader.WatchAsync(() => TextDecoder.ReadAsync(content, textOptions.Value, cancellationToken));
        if (!page.Succeeded) return StepWork.Failed(page.Failure);

        using var space = workFolder.Create();
        Outcome<TextContent> read;
        using (await places.TakeAsync(CpuWork.WebPage(batch.Value, subject.Bytes), cancellationToken))
            read = await webPages.ReadAsync(page.Value, space.File("page"), cancellationToken);
        if (!read.Succeeded) return StepWork.Failed(read.Failure);
        await cache.StoreAsync(key, batch, new CachedAnswer<TextContent>(read.Value, null, Usage.None, 0, time.GetUtcNow()), cancellationToken);
        return Work(read.Value, key, CacheOutcome.Miss);
    }

    private async Task<StepWork> ReadPdfAsync(BatchName batch, InventoryItem subject, CancellationToken cancellationToken)
    {
        var (complete, unrendered) = (Key(documents.Shape), Key(documents.ShapeUnrendered));
        foreach (var known in documents.Renders ? [complete] : new[] { complete, unrendered })
        {
            if (await cache.UseAsync<TextContent>(known, batch, cancellationToken) is { } answer
                && await HasPicturesAsync(answer.Value, cancellationToken)) return Work(answer.Value, known, CacheOutcome.Hit);
        }

        if (documents.IsTooLarge(subject.Bytes)) return StepWork.Failed(documents.TooLarge(subject.Bytes));
        using var space = workFolder.Create();
        var path = space.File("original");
        if (await inbox.FetchAsync(subject, path, cancellationToken) is { } unread) return StepWork.Failed(unread);
        var read = await ReadAsync(batch, subject, path, space.Path, cancellationToken);
        if (!read.Succeeded) return StepWork.Failed(read.Failure);

        var key = read.Value.Warnings.Count == 0 ? complete : unrendered;
        var pages = new List<PageImage>();
        foreach (var picture in read.Value.Pictures) pages.Add(await KeepAsync(key, space, picture, cancellationToken));
        var content = Content(read.Value, pages);
        await cache.StoreAsync(key, batch, new CachedAnswer<TextContent>(content, null, Usage.None, 0, time.GetUtcNow()), cancellationToken);
        return Work(content, key, CacheOutcome.Miss);

        CacheKey Key(object?[] shape) => CacheKey.Create(StepNames.ReadText, subject.Hash!.Value, shape);
    }

    private async Task<Outcome<PdfReading>> ReadAsync(
        BatchName batch, InventoryItem subject, string path, string folder, CancellationToken cancellationToken)
    {
        using var place = await places.TakeAsync(CpuWork.Pdf(batch.Value, subject.Bytes), cancellationToken);
        return await documents.ReadAsync(path, folder, cancellationToken);
    }

    private static TextContent Content(PdfReading pdf, List<PageImage> pages)
    {
        var note = pdf.Notes.Count == 0 ? null : string.Join(' ', pdf.Notes);
        var warnings = pdf.Warnings.Count == 0 ? null : pdf.Warnings;
        return pages.Count == 0
            ? new TextContent(string.Join("\n\n", pdf.Texts.Select(t => t.Text)), Encoding: null, note, pages, Warnings: warnings)
            : new TextContent("", Encoding: null, note, pages, [.. pdf.Texts.Select(t => new PageText(t.Page, t.Text))], warnings);
    }

    private async Task<PageImage> KeepAsync(CacheKey key, WorkSpace space, PdfPicture picture, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(space.File(picture.File));
        var name = ContentCache.FileName(key, picture.File);
        var hash = await ContentHash.ComputeAsync(file, cancellationToken);
        file.Position = 0;
        await cache.StoreFileAsync(name, file, picture.MediaType, cancellationToken);
        return new PageImage(picture.Page, name, hash, file.Length);
    }

    /// <summary>Checks whether all pictures are stored. It returns false if a lifecycle rule deleted a picture before its entry.</summary>
    private async Task<bool> HasPicturesAsync(TextContent content, CancellationToken cancellationToken)
    {
        foreach (var page in content.Pages ?? [])
        {
            if (!await cache.HasFileAsync(page.CacheName, cancellationToken)) return false;
        }

        return true;
    }

    private static StepWork Work(TextContent content, CacheKey key, CacheOutcome outcome) =>
        StepWork.Done(content) with { Cache = outcome, CacheName = key.Name, Parts = content.Pages?.Count ?? 0 };
}
