using System.Globalization;
using System.Text.Json;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Text;

namespace MultiModal.Pipeline.Runs;

/// <summary>Combines the records of an item into its result. This is done only here, for the report and the synthesis alike.</summary>
public static class ItemAssembler
{
    private static readonly string[] StepOrder =
        [StepNames.OptimizeImage, StepNames.AnalyzeImage, StepNames.PrepareAudio, StepNames.TranscribeAudio, StepNames.ReadText];

    private static readonly Failure Abandoned = new(
        FailureCodes.StepAbandoned, "The step never ended, because its host went away or storage could not be reached. Start the batch again.",
        Retryable: true);

    private static readonly Failure RunCancelled = new(FailureCodes.Cancelled, "The run was cancelled before this item was done.", Retryable: true);

    private static readonly Failure Unknown = new(FailureCodes.UnknownFormat, "The file is not of a kind that is read here.");

    /// <param name="item">The item, which is not a duplicate: a duplicate's content is that of the item it points to.</param>
    /// <param name="records">All records of the item.</param>
    /// <param name="cancelled">Whether the run was cancelled, so that missing parts were left out rather than lost.</param>
    public static AssembledItem Assemble(InventoryItem item, IReadOnlyList<StepRecord> records, bool cancelled)
    {
        ArgumentNullException.ThrowIfNull(item);
        ArgumentNullException.ThrowIfNull(records);
        var steps = new Steps(
            records.OrderBy(r => item.Kind == ItemKind.Text && r.Step == StepNames.ReadText ? -1 : r.Part)
                .ThenBy(r => Array.IndexOf(StepOrder, r.Step)).ThenBy(r => r.Tile).ToList(),
            cancelled ? (ItemStatus.Cancelled, RunCancelled) : (ItemStatus.Failed, Abandoned));
        var assembled = new AssembledItem { Item = item, Status = ItemStatus.Succeeded, Steps = steps.All };
        if (item.Failure is { } failure)
        {
            return assembled with
            {
                Status = FailureCodes.MeansUnsupported(failure.Code) ? ItemStatus.Unsupported : ItemStatus.Failed,
                Error = failure,
            };
        }

        return item.Kind switch
        {
            ItemKind.Image => Image(assembled, steps),
            ItemKind.Audio => Audio(assembled, steps),
            ItemKind.Text => Text(assembled, steps),
            _ => assembled with { Status = ItemStatus.Unsupported, Error = Unknown },
        };
    }

    /// <returns>Plain text about an item for the synthesis; null if there is nothing to say.</returns>
    public static string? TextOf(AssembledItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        if (item.Status != ItemStatus.Succeeded) return null;
        var text = item.Item.Kind switch
        {
            ItemKind.Image when item.Analysis is { } analysis => TextOf(analysis),
            ItemKind.Audio => item.Transcript?.Transcript.Text,
            ItemKind.Text => item.Text,
            _ => null,
        };
        return string.IsNullOrWhiteSpace(text) ? null : text.Trim();
    }

    private static AssembledItem Image(AssembledItem item, Steps steps)
    {
        item = item with { Sent = steps.Result<OptimizedImageRecord>(StepNames.OptimizeImage, 0),
            Note = steps.Result<OptimizedImageRecord>(StepNames.OptimizeImage, 0)?.Note };

        // A first page that could not be read says all the same how many there are.
        if (steps.Record(StepNames.OptimizeImage, 0) is { Parts: > 1 and var pages }) return Pages(item, steps, pages);
        if (steps.Ended(StepNames.OptimizeImage, 0) is { } unsent) return item with { Status = unsent.Status, Error = unsent.Failure };

        var (analysis, lost) = Seen(steps, 0);
        if (analysis is null) return item with { Status = lost[0].Status, Error = lost[0].Failure };
        item = item with { Analysis = analysis };
        if (item.Sent?.Incomplete is { } incomplete) item = Warned(item, FailureCodes.ImageIncomplete, incomplete);
        if (item.Sent?.Shortfall is { } shortfall) item = Warned(item, FailureCodes.TextIllegible, shortfall);
        if (analysis.Cut)
            item = Warned(item, FailureCodes.AnswerCut, "The model's answer ended at its maximum length: the end of the text is missing.");
        return Partly(item, lost, item.Sent!.Pictures, "tiles of the image");
    }

    /// <summary>An image of several pages, whose texts follow each other.</summary>
    private static AssembledItem Pages(AssembledItem item, Steps steps, int pages)
    {
        var seen = new List<(int Page, ImageAnalysis Analysis)>();
        var (lost, lostTiles, tiles) = (new List<(ItemStatus Status, Failure Failure)>(), new List<(ItemStatus Status, Failure Failure)>(), 0);
        var illegible = new List<int>();
        for (var part = 0; part < pages; part++)
        {
            if (steps.Ended(StepNames.OptimizeImage, part) is { } unsent)
            {
                lost.Add(unsent);
                continue;
            }

            var sent = steps.Result<OptimizedImageRecord>(StepNames.OptimizeImage, part)!;
            var (analysis, unseen) = Seen(steps, part);
            if (analysis is null)
            {
                lost.Add(unseen[0]);
                continue;
            }

            item = item with { Sent = item.Sent ?? sent };
            seen.Add((part + 1, analysis));
            lostTiles.AddRange(unseen);
            tiles += sent.Pictures;
            if (sent.Shortfall is not null) illegible.Add(part + 1);
        }

        if (seen.Count == 0) return item with { Status = lost[0].Status, Error = lost[0].Failure };
        item = item with { Analysis = OfPages(seen), Pages = pages };
        item = WithIllegiblePages(WithCutPages(item, [.. seen.Where(page => page.Analysis.Cut).Select(page => page.Page)]), illegible);
        return Partly(Partly(item, lost, pages, "pages"), lostTiles, tiles, "pictures of pages");
    }

    private static ImageAnalysis OfPages(List<(int Page, ImageAnalysis Analysis)> pages)
    {
        var descriptions = pages.Where(page => !string.IsNullOrWhiteSpace(page.Analysis.Description))
            .Select(page => string.Create(CultureInfo.InvariantCulture, $"Page {page.Page}: {page.Analysis.Description!.Trim()}")).ToList();
        return new ImageAnalysis(
            descriptions.Count == 0 ? null : string.Join('\n', descriptions),
            string.Join("\n\n", pages.Select(page => page.Analysis.Text.Trim()).Where(text => text.Length > 0)),
            [.. pages.SelectMany(page => page.Analysis.Tags).Distinct(StringComparer.Ordinal)],
            pages.Exists(page => page.Analysis.Cut));
    }

    /// <summary>What was seen in an image that was optimized, and the tiles that were lost of it. If all were, nothing was seen.</summary>
    private static (ImageAnalysis? Analysis, List<(ItemStatus Status, Failure Failure)> Lost) Seen(Steps steps, int part)
    {
        var sent = steps.Result<OptimizedImageRecord>(StepNames.OptimizeImage, part)!;
        var analyses = new ImageAnalysis?[sent.Pictures];
        var lost = new List<(ItemStatus Status, Failure Failure)>();
        for (var tile = 0; tile < analyses.Length; tile++)
        {
            if (steps.Ended(StepNames.AnalyzeImage, part, tile) is { } ended) lost.Add(ended);
            else analyses[tile] = steps.Result<ImageAnalysis>(StepNames.AnalyzeImage, part, tile);
        }

        return (lost.Count == analyses.Length ? null : sent.Tiles is { } tiles ? TileStitcher.Stitch(tiles, analyses) : analyses[0], lost);
    }

    private static AssembledItem Warned(AssembledItem item, string code, string message) => item with
    {
        Warnings = [.. item.Warnings, new Failure(code, message)],
        Note = item.Note is null ? message : $"{item.Note} {message}",
    };

    private static AssembledItem Audio(AssembledItem item, Steps steps)
    {
        if (steps.Ended(StepNames.PrepareAudio, 0) is { } unprepared) return item with { Status = unprepared.Status, Error = unprepared.Failure };
        var plan = steps.Result<PreparedAudioRecord>(StepNames.PrepareAudio, 0)!.Plan;
        item = item with { Audio = plan, Note = plan.Note };

        var pieces = new Transcript?[plan.Chunks.Count];
        var ends = new List<(ItemStatus Status, Failure Failure)>();
        for (var part = 0; part < pieces.Length; part++)
        {
            var ended = steps.Ended(StepNames.TranscribeAudio, part);

            // A silent piece is no loss; only a completely silent recording is.
            pieces[part] = ended is null ? steps.Result<Transcript>(StepNames.TranscribeAudio, part)
                : ended.Value.Failure.Code == FailureCodes.NoSpeech ? Transcript.Empty
                : null;
            if (ended is { } failed) ends.Add(failed);
        }

        var lost = ends.Where(e => e.Failure.Code != FailureCodes.NoSpeech).ToList();
        if (ends.Count == pieces.Length && ends.Count > 0)
        {
            var worst = lost.Count > 0 ? lost[0] : ends[0];
            return item with { Status = worst.Status, Error = worst.Failure };
        }

        var wish = steps.Record(StepNames.PrepareAudio, 0)!.Speakers;
        var speakers = wish == SpeakerWish.Granted
            ? SpeakerNames.Of(pieces, steps.Result<VoiceMatch>(StepNames.TranscribeAudio, pieces.Length))
            : null;
        var stitched = TranscriptStitcher.Stitch(plan, pieces, speakers);
        item = WithSpeakerWarnings(item with { Transcript = stitched }, wish, speakers, pieces.Length);
        if (stitched.Transcript.Uncertain)
        {
            item = Warned(
                item, FailureCodes.Uncertain,
                "The speech engine is not sure of what it heard: the language may be another one, or the recording too noisy.");
        }

        return Partly(item, lost, pieces.Length, "pieces of the recording");
    }

    private static AssembledItem WithSpeakerWarnings(AssembledItem item, SpeakerWish wish, SpeakerNames? speakers, int pieces)
    {
        if (wish == SpeakerWish.Unsupported)
        {
            return Warned(
                item, FailureCodes.SpeakersUnsupported,
                "The speakers are not told apart, because the speech model of this host cannot do that.");
        }

        if (pieces > 1 && speakers?.Known > Voices.MostReferences)
        {
            item = Warned(
                item, FailureCodes.SpeakersMany,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{speakers.Known} people speak. A model is told samples of {Voices.MostReferences} voices at most, so that the others are ")
                    + "known by one comparison of short samples: check who said what.");
        }

        return speakers is { Unknown: > 0 }
            ? Warned(
                item, FailureCodes.SpeakersUnmatched,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{speakers.Unknown} voices are known in one piece of the recording alone (\"Unknown speaker\"). Each may be one of the others."))
            : item;
    }

    private static AssembledItem Text(AssembledItem item, Steps steps)
    {
        if (steps.Ended(StepNames.ReadText, 0) is { } unread) return item with { Status = unread.Status, Error = unread.Failure };
        var content = steps.Result<TextContent>(StepNames.ReadText, 0)!;
        var pages = steps.Record(StepNames.ReadText, 0)!.Parts;
        var texts = (content.PageTexts ?? []).Select(t => (t.Page, t.Text)).Prepend((Page: 0, content.Text)).ToList();
        var lost = new List<(ItemStatus Status, Failure Failure)>();
        var (lostTiles, tiles) = (new List<(ItemStatus Status, Failure Failure)>(), 0);
        var cut = new List<int>();
        var illegible = new List<int>();
        var incomplete = new List<int>();
        for (var part = 0; part < pages; part++)
        {
            if (steps.Ended(StepNames.OptimizeImage, part) is { } failed)
            {
                lost.Add(failed);
                continue;
            }

            var (analysis, unseen) = Seen(steps, part);
            if (analysis is null)
            {
                lost.Add(unseen[0]);
                continue;
            }

            var page = content.Pages?[part].Page ?? part + 1;
            texts.Add((page, TextOf(analysis)));
            lostTiles.AddRange(unseen);
            tiles += steps.Result<OptimizedImageRecord>(StepNames.OptimizeImage, part)!.Pictures;
            if (analysis.Cut) cut.Add(page);
            var sent = steps.Result<OptimizedImageRecord>(StepNames.OptimizeImage, part);
            if (sent?.Shortfall is not null) illegible.Add(page);
            if (sent?.Incomplete is not null) incomplete.Add(page);
        }

        // The sort is stable: a page's own text comes before the text seen in its picture.
        var text = string.Join("\n\n", texts.OrderBy(t => t.Page).Select(t => t.Text).Where(t => !string.IsNullOrWhiteSpace(t)));
        if (pages > 0 && lost.Count == pages && text.Length == 0) return item with { Status = lost[0].Status, Error = lost[0].Failure };
        var read = WithReadingWarnings(item with { Text = text, Note = content.Note }, content.Warnings ?? []);
        item = WithIncompletePages(WithIllegiblePages(WithCutPages(read, cut), illegible), incomplete);
        return Partly(Partly(item, lost, pages, "pages"), lostTiles, tiles, "pictures of pages");
    }

    private static AssembledItem WithReadingWarnings(AssembledItem item, IReadOnlyList<Failure> warnings) =>
        warnings.Aggregate(item, (warned, warning) => Warned(warned, warning.Code, warning.Message));

    private static AssembledItem WithCutPages(AssembledItem item, List<int> pages) => pages.Count == 0 ? item : Warned(
        item,
        FailureCodes.AnswerCut,
        $"The model's answer ended at its maximum length: the end of the text is missing of page {string.Join(", ", pages.Distinct().Order())}.");

    private static AssembledItem WithIllegiblePages(AssembledItem item, List<int> pages) => pages.Count == 0 ? item : Warned(
        item,
        FailureCodes.TextIllegible,
        $"The smallest text is too small to be read on page {string.Join(", ", pages.Distinct().Order())}.");

    private static AssembledItem WithIncompletePages(AssembledItem item, List<int> pages) => pages.Count == 0 ? item : Warned(
        item,
        FailureCodes.ImageIncomplete,
        $"The end of the picture's file is missing on page {string.Join(", ", pages.Distinct().Order())}.");

    private static AssembledItem Partly(AssembledItem item, List<(ItemStatus Status, Failure Failure)> lost, int parts, string what)
    {
        if (lost.Count == 0) return item;
        var note = string.Create(
            CultureInfo.InvariantCulture,
            $"{lost.Count} of {parts} {what} are missing ({string.Join(", ", lost.Select(l => l.Failure.Code).Distinct())}).");
        return item with { Lost = [.. item.Lost, .. lost.Select(l => l.Failure)], Note = item.Note is null ? note : $"{item.Note} {note}" };
    }

    private static string TextOf(ImageAnalysis analysis)
    {
        var text = analysis.Text.Trim();
        if (analysis.Description is not { Length: > 0 } description) return text;
        var parts = new List<string> { description.Trim() };
        if (text.Length > 0) parts.Add($"Text in the image:\n{text}");
        if (analysis.Tags.Count > 0) parts.Add($"Tags: {string.Join(", ", analysis.Tags)}");
        return string.Join("\n\n", parts);
    }

    private sealed record Steps(IReadOnlyList<StepRecord> All, (ItemStatus Status, Failure Failure) Missing)
    {
        public StepRecord? Record(string step, int part, int tile = 0) =>
            All.FirstOrDefault(r => r.Step == step && r.Part == part && r.Tile == tile);

        /// <summary>Reason for a step's missing result; null if it has one.</summary>
        public (ItemStatus Status, Failure Failure)? Ended(string step, int part, int tile = 0) => Record(step, part, tile) switch
        {
            null => Missing,
            { Status: StepStatus.Succeeded, Result: not null } => null,
            { Status: StepStatus.Skipped } skipped => (ItemStatus.Skipped, skipped.Failure ?? Abandoned),
            { Status: StepStatus.Cancelled } stopped => (ItemStatus.Cancelled, stopped.Failure ?? RunCancelled),
            var failed => (ItemStatus.Failed, failed.Failure ?? Abandoned),
        };

        public T? Result<T>(string step, int part, int tile = 0) where T : class =>
            Record(step, part, tile) is { Status: StepStatus.Succeeded, Result: { } result } ? result.Deserialize<T>(PipelineJson.Options) : null;
    }
}

/// <summary>An item with the records of its steps, in no particular order.</summary>
public sealed record ItemRecords(InventoryItem Item, IReadOnlyList<StepRecord> Records);
