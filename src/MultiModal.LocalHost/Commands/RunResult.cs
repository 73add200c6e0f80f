using System.Text.Json;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;

namespace MultiModal.LocalHost.Commands;

/// <summary>What a run came to, in short.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="RunSeq">Number of the run.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Items">Number of items.</param>
/// <param name="Succeeded">Number of items that succeeded.</param>
/// <param name="NotSucceeded">The other items, in inventory order.</param>
/// <param name="Skipped">Entries of the folder that were not uploaded, each with its reason.</param>
/// <param name="SpentUsd">What was spent, in USD.</param>
/// <param name="SavedUsd">What optimizing and the cache saved, in USD.</param>
/// <param name="Report">Path of report.json.</param>
/// <param name="Markdown">Path of report.md.</param>
/// <param name="Illustration">Path of the picture of the report; null if it has none.</param>
internal sealed record RunResult(
    BatchName Batch,
    int RunSeq,
    RunStatus Status,
    int Items,
    int Succeeded,
    IReadOnlyList<RunResult.Item> NotSucceeded,
    IReadOnlyList<string> Skipped,
    decimal SpentUsd,
    decimal SavedUsd,
    string Report,
    string Markdown,
    string? Illustration)
{
    /// <param name="files">Paths of report.json, of report.md and, if there is one, of the picture, which have been written.</param>
    /// <param name="upload">What was uploaded.</param>
    /// <param name="cancellationToken">Token that ends reading.</param>
    public static async Task<RunResult> ReadAsync(IReadOnlyList<string> files, FolderUpload upload, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(files[0]);
        var report = (await JsonSerializer.DeserializeAsync<Report>(file, PipelineJson.Options, cancellationToken))!;
        return new RunResult(
            report.Batch,
            report.RunSeq,
            report.Status,
            report.Items.Count,
            report.Items.Count(i => i.Status == ItemStatus.Succeeded),
            [
                .. report.Items.Where(i => i.Status != ItemStatus.Succeeded)
                    .Select(i => new Item(i.Name, JsonNamingPolicy.CamelCase.ConvertName(i.Status.ToString()), i.Error?.Code, i.Error?.Message)),
            ],
            [.. upload.Skipped],
            report.Cost.SpentUsd,
            report.Cost.SavedByOptimizingUsd + report.Cost.SavedByCacheUsd,
            files[0],
            files[1],
            files.ElementAtOrDefault(2));
    }

    /// <param name="Name">Name within the batch.</param>
    /// <param name="Status">Its status.</param>
    /// <param name="Code">Code of the reason; null if none was recorded.</param>
    /// <param name="Message">The reason, as a sentence.</param>
    internal sealed record Item(string Name, string Status, string? Code, string? Message);
}
