using System.Text;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Text;

namespace MultiModal.Pipeline.Reports;

/// <summary>An item as its report shows it, and the detail that is too long for the report.</summary>
internal sealed record ReportedItem(ReportItem Item, ItemDetail? Detail, Transcript? Captioned)
{
    /// <summary>Maximum length of any text in a report, in bytes of UTF-8.</summary>
    public const int LongestText = 4096;

    public static ReportedItem Create(RunReference run, AssembledItem assembled)
    {
        var item = assembled.Item;
        var transcript = assembled.Transcript?.Transcript;
        var hasDetail = transcript is { Segments.Count: > 0 } || IsLong(assembled.Text) || IsLong(assembled.Analysis?.Text);
        var detail = hasDetail
            ? new ItemDetail(
                Report.CurrentSchemaVersion,
                run.Batch,
                run.RunSeq,
                item.Name,
                item.Kind,
                assembled.Analysis,
                transcript is null
                    ? null
                    : new AudioDetail(
                        assembled.Audio!.DurationSeconds, transcript.Language, transcript.Text, transcript.Segments, assembled.Transcript!.Gaps),
                assembled.Text)
            : null;
        var reported = new ReportItem
        {
            Name = item.Name,
            ETag = item.ETag,
            Kind = item.Kind,
            Bytes = item.Bytes,
            ContentHash = item.Hash,
            Status = assembled.Status,
            Error = ReportError.FromFailure(assembled.Error),
            Detail = hasDetail ? FormattableString.Invariant($"runs/{run.RunSeq}/items/{item.Index}.json") : null,
            Image = Image(assembled),
            Audio = Audio(assembled),
            Text = Shorten(assembled.Text),
            TextNote = item.Kind == ItemKind.Text ? assembled.Note : null,
            Warnings = [.. assembled.Warnings.Select(w => ReportError.FromFailure(w)!)],
            Steps = assembled.Steps.Select(s => Step(item.Kind == ItemKind.Text || assembled.Pages is not null, s, IsTiled(assembled.Steps, s))).ToList(),
        };
        return new ReportedItem(reported, detail, hasDetail ? transcript : null);
    }

    /// <summary>Creates the entry of an item that has the same content under another name, and for which nothing was done.</summary>
    public static ReportItem Duplicate(InventoryItem item, ReportItem original) => original with
    {
        Name = item.Name,
        ETag = item.ETag,
        Bytes = item.Bytes,
        DuplicateOf = original.Name,
        Steps = [],
    };

    /// <summary>Creates the entry of a picture that is the same as another one, and at which no model has looked.</summary>
    /// <param name="own">The picture, as far as it was worked on.</param>
    /// <param name="original">The entry of the other picture.</param>
    /// <param name="distance">How far the two differ.</param>
    public static ReportItem Similar(AssembledItem own, ReportItem original, double distance)
    {
        var shown = Image(own);
        return original with
        {
            Name = own.Item.Name,
            ETag = own.Item.ETag,
            Bytes = own.Item.Bytes,
            ContentHash = own.Item.Hash,
            SimilarTo = original.Name,
            Distance = distance,
            Image = shown is null ? original.Image : shown with
            {
                Description = original.Image?.Description,
                Text = original.Image?.Text,
                Tags = original.Image?.Tags ?? [],
                Note = original.Image?.Note,
            },
            Steps = [.. own.Steps.Select(step => Step(hasPages: false, step, isTiled: false))],
        };
    }

    private static ReportImage? Image(AssembledItem item) => item.Sent is not { } sent
        ? null
        : new ReportImage(
            sent.Width,
            sent.Height,
            sent.SentWidth,
            sent.SentHeight,
            sent.Bytes,
            Shorten(item.Analysis?.Description),
            Shorten(item.Analysis?.Text),
            item.Analysis?.Tags ?? [],
            item.Note,
            sent.Tiles?.Count,
            item.Pages);

    private static ReportAudio? Audio(AssembledItem item) => item.Audio is not { } plan
        ? null
        : new ReportAudio(
            plan.DurationSeconds,
            plan.SentSeconds,
            plan.Chunks.Count,
            Shorten(item.Transcript?.Transcript.Text),
            item.Transcript?.Transcript.Language,
            item.Transcript?.Gaps ?? [],
            item.Note,
            ReportSpeaker.Of(item.Transcript?.Transcript));

    /// <summary>Whether the record is of a tile of an image.</summary>
    private static bool IsTiled(IReadOnlyList<StepRecord> all, StepRecord record) => record.Step == StepNames.AnalyzeImage
        && all.Any(other => other.Step == StepNames.OptimizeImage && other.Part == record.Part && other.Tiles > 1);

    internal static ReportStep Step(bool hasPages, StepRecord record, bool isTiled) =>
        Step(hasPages, record, isTiled, EngineName.Parse(record.Engine));

    private static ReportStep Step(bool hasPages, StepRecord record, bool isTiled, EngineName engine) => new(
        record.Step,
        record.Step == StepNames.TranscribeAudio || (hasPages && record.Step != StepNames.ReadText) ? record.Part : null,
        record.Status,
        record.Failure?.Code,
        record.Engine,
        record.Cache,
        record.Attempts.Count,
        record.DurationMs,
        record.Usage,
        record.CostUsd,
        record.Estimate,
        record.EstimatedUsd,
        record.StartedAt,
        record.WaitedMs,
        isTiled ? record.Tile : null,
        engine.Provider,
        engine.Model,
        record.IsOfFallback,
        record.SavedByOptimizingUsd is > 0 and var optimized ? optimized : null,
        record.SavedByCacheUsd is > 0 and var known ? known : null,
        record.OriginalInputTokens);

    private static string? Shorten(string? text) => text is null ? null : Excerpt.OfBytes(text, LongestText);

    private static bool IsLong(string? text) => text is not null && text.Length > LongestText / 3 && Encoding.UTF8.GetByteCount(text) > LongestText;
}
