using System.Globalization;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Text;

namespace MultiModal.Pipeline.Reports;

/// <summary>Writes <c>report.md</c>: the same report for people. Text that comes from media is inert in it.</summary>
internal static class ReportMarkdown
{
    private const int LongestName = 100;
    private const int LongestGlimpse = 140;
    private const int ShownContents = 50;
    private const int ShownFailures = 200;

    /// <param name="writer">The writer that receives the report.</param>
    /// <param name="report">The report; its items are ignored.</param>
    /// <param name="folder">Folder of the report within the batch's results, by which links are relative; empty for the latest report.</param>
    /// <param name="items">Opens the items in order, as often as it is called.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    public static async Task WriteAsync(
        TextWriter writer, Report report, string folder, Func<IAsyncEnumerable<ReportItem>> items, CancellationToken cancellationToken)
    {
        writer.NewLine = "\n";
        await WriteHeadAsync(writer, report, folder);
        await WriteTableAsync(writer, items(), cancellationToken);
        await WriteFailuresAsync(writer, items(), cancellationToken);
        await WriteContentsAsync(writer, items(), cancellationToken);
    }

    private static async Task WriteHeadAsync(TextWriter writer, Report report, string folder)
    {
        var batch = Markdown.Inline(report.Batch.Value);
        await writer.WriteLineAsync($"# {(report.Synthesis is { } titled ? Markdown.Inline(titled.Title) : batch)}");
        await writer.WriteLineAsync();
        await writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"Batch **{batch}**, run {report.RunSeq}: **{Words(report.Status)}**, {report.CompletedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, {Seconds(report.Timing.WallClockMs)}{Speedup(report.Timing)}."));
        await writer.WriteLineAsync();
        await writer.WriteLineAsync(Cost(report.Cost));
        foreach (var note in report.Notes)
        {
            await writer.WriteLineAsync();
            await writer.WriteLineAsync(Markdown.Inline(note));
        }

        if (report.Error is { } error)
        {
            await writer.WriteLineAsync();
            await writer.WriteLineAsync($"The batch could not run: `{error.Code}`. {Markdown.Inline(error.Message)}");
        }

        if (report.Illustration is { } illustration) await WriteIllustrationAsync(writer, illustration, folder);
        if (report.Synthesis is { } synthesis) await WriteSynthesisAsync(writer, synthesis);
        else if (report.SynthesisReason is { } reason)
        {
            await writer.WriteLineAsync();
            await writer.WriteLineAsync($"No synthesis: `{reason.Code}`. {Markdown.Inline(reason.Message)}");
        }
    }

    private static async Task WriteIllustrationAsync(TextWriter writer, ReportIllustration illustration, string folder)
    {
        await writer.WriteLineAsync();
        if (illustration is { File: { } file, Step: { } step })
        {
            await writer.WriteLineAsync($"![Illustration]({Path.GetRelativePath($"/{folder}", $"/{file}").Replace('\\', '/')})");
            await writer.WriteLineAsync();
            await writer.WriteLineAsync($"Made by {Markdown.Inline(step.Engine ?? "")} from the summary.");
        }
        else if (illustration.Error is { } error)
        {
            await writer.WriteLineAsync($"No illustration: `{error.Code}`. {Markdown.Inline(error.Message)}");
        }
    }

    private static async Task WriteSynthesisAsync(TextWriter writer, ReportSynthesis synthesis)
    {
        await writer.WriteLineAsync();
        await writer.WriteLineAsync("## Summary");
        foreach (var paragraph in synthesis.Summary.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            await writer.WriteLineAsync();
            await writer.WriteLineAsync(Markdown.Inline(paragraph));
        }

        await WriteListAsync(writer, "Key points", "- ", synthesis.KeyPoints);
        await WriteListAsync(writer, "Action items", "- [ ] ", synthesis.ActionItems);
        if (synthesis.Topics.Count > 0)
        {
            await writer.WriteLineAsync();
            await writer.WriteLineAsync($"Topics: {string.Join(", ", synthesis.Topics.Select(Markdown.Inline))}");
        }

        var made = synthesis.Engine is { } engine ? $"Written by {Markdown.Inline(engine)}." : null;
        if (made is null && synthesis.Note is null) return;
        await writer.WriteLineAsync();
        await writer.WriteLineAsync(string.Join(' ', new[] { made, synthesis.Note }.OfType<string>()));
    }

    private static async Task WriteListAsync(TextWriter writer, string heading, string mark, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0) return;
        await writer.WriteLineAsync();
        await writer.WriteLineAsync($"### {heading}");
        await writer.WriteLineAsync();
        foreach (var line in lines) await writer.WriteLineAsync(mark + Markdown.Inline(line));
    }

    private static async Task WriteTableAsync(TextWriter writer, IAsyncEnumerable<ReportItem> items, CancellationToken cancellationToken)
    {
        var any = false;
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            if (!any)
            {
                await writer.WriteLineAsync();
                await writer.WriteLineAsync("## Items");
                await writer.WriteLineAsync();
                await writer.WriteLineAsync("| item | kind | status | what it says |");
                await writer.WriteLineAsync("|---|---|---|---|");
                any = true;
            }

            var status = item.Error is { } error ? $"{Words(item.Status)} `{error.Code}`" : Words(item.Status);
            var says = item.DuplicateOf is { } original ? $"the same as {Name(original)}"
                : item.SimilarTo is { } similar ? $"the same picture as {Name(similar)}"
                : Markdown.Inline(Excerpt.Shorten(Content(item) ?? "", LongestGlimpse));
            await writer.WriteLineAsync($"| {Name(item.Name)} | {Words(item.Kind)} | {status} | {says} |");
        }
    }

    private static async Task WriteFailuresAsync(TextWriter writer, IAsyncEnumerable<ReportItem> items, CancellationToken cancellationToken)
    {
        var failures = 0;
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            if (item.Error is not { } error || IsOfAnother(item)) continue;
            if (failures++ == 0)
            {
                await writer.WriteLineAsync();
                await writer.WriteLineAsync("## What went wrong, and what to do");
                await writer.WriteLineAsync();
            }

            if (failures <= ShownFailures) await writer.WriteLineAsync($"- {Name(item.Name)}: `{error.Code}`. {Markdown.Inline(error.Message)}");
        }

        if (failures > ShownFailures) await writer.WriteLineAsync(
            string.Create(CultureInfo.InvariantCulture, $"- {failures - ShownFailures} more failures are in report.json."));
    }

    private static async Task WriteContentsAsync(TextWriter writer, IAsyncEnumerable<ReportItem> items, CancellationToken cancellationToken)
    {
        var shown = 0;
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            if (IsOfAnother(item) || Content(item) is not { } content) continue;
            if (shown++ == 0)
            {
                await writer.WriteLineAsync();
                await writer.WriteLineAsync("## Contents");
            }

            if (shown > ShownContents)
            {
                await writer.WriteLineAsync();
                await writer.WriteLineAsync("The contents of further items are in report.json.");
                return;
            }

            await writer.WriteLineAsync();
            await writer.WriteLineAsync($"### {Name(item.Name)}");
            await writer.WriteLineAsync();
            if (Note(item) is { } note)
            {
                await writer.WriteLineAsync(Markdown.Inline(note));
                await writer.WriteLineAsync();
            }

            if (item.Audio?.Speakers is { } speakers)
            {
                var times = speakers.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Name} ({s.Seconds:0.0} s)"));
                await writer.WriteLineAsync($"Speakers: {Markdown.Inline(string.Join(", ", times))}.");
                await writer.WriteLineAsync();
            }

            await writer.WriteLineAsync(Markdown.Block(content));
            if (item.Detail is not { } detail) continue;
            await writer.WriteLineAsync();
            await writer.WriteLineAsync($"The whole text, with times if it is a recording, is in `{detail}`.");
        }
    }

    /// <summary>Whether what it says is said with another item.</summary>
    private static bool IsOfAnother(ReportItem item) => item.DuplicateOf is not null || item.SimilarTo is not null;

    private static string? Content(ReportItem item)
    {
        var image = item.Image is null
            ? null
            : string.Join("\n\n", new[] { item.Image.Description, item.Image.Text }.Where(t => !string.IsNullOrWhiteSpace(t)));
        var content = image ?? item.Audio?.Transcript ?? item.Text;
        return string.IsNullOrWhiteSpace(content) ? null : content;
    }

    private static string? Note(ReportItem item) => item.Image?.Note ?? item.Audio?.Note ?? item.TextNote;

    private static string Name(string name) => Markdown.Inline(Excerpt.Shorten(name, LongestName));

    private static string Cost(ReportCost cost)
    {
        var line = string.Create(CultureInfo.InvariantCulture,
            $"Cost: {Usd(cost.SpentUsd)}; saved {Usd(cost.SavedByOptimizingUsd)} by optimising and {Usd(cost.SavedByCacheUsd)} by caching.");
        if (cost.UnknownUsd > 0) line += $" Up to {Usd(cost.UnknownUsd)} more may be billed for calls whose answer was lost.";
        if (cost.LeftOut > 0) line += string.Create(
            CultureInfo.InvariantCulture, $" {cost.LeftOut} steps were left out because of the budget. Raise the budget and start again.");
        if (cost.Unpriced.Count > 0) line += $" Not counted, because they have no price: {string.Join(", ", cost.Unpriced.Select(Markdown.Inline))}.";
        if (cost.Assumed.Count > 0)
        {
            line += $" By an assumed price, because none is published: {string.Join(", ", cost.Assumed.Select(Markdown.Inline))}.";
        }

        return line;
    }

    private static string Usd(decimal amount) => string.Create(CultureInfo.InvariantCulture, $"{amount:0.00####} USD");

    private static string Seconds(long milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000.0:0.0} s");

    private static string Speedup(ReportTiming timing) => timing.Speedup is >= ReportTiming.LeastSpeedup
        ? string.Create(CultureInfo.InvariantCulture, $" instead of {Seconds(timing.SequentialMs)} one after the other")
        : "";

    private static string Words(RunStatus status) => status switch
    {
        RunStatus.PartiallySucceeded => "partially succeeded",
        _ => status.ToString().ToLowerInvariant(),
    };

    private static string Words<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
