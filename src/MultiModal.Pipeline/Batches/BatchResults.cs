using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Batches;

/// <summary>
/// Finds the stored reports of a batch. Where version 1.0 kept those of a batch in a folder that may have been another batch's as well
/// (<see cref="BatchName.EarlierResultsFolder"/>), they are found there too, unless they are the other batch's.
/// </summary>
public sealed partial class BatchResults(MediaAccount account)
{
    /// <summary>Bytes of a report that are read to see whose it is: its name comes first, and may consist of escapes.</summary>
    private const int HeadBytes = 16 << 10;

    private const string ReportFile = "report.json";

    private static readonly string[] Latest = [ReportFile, "report.md"];

    /// <summary>The blob of a stored file, which may be missing.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="path">Path within the batch's folder, such as <c>report.md</c> or <c>runs/3/items/0.json</c>.</param>
    /// <param name="cancellationToken">Cancels looking.</param>
    public async Task<BlobClient> LocateAsync(BatchName batch, string path, CancellationToken cancellationToken)
    {
        var blob = account.Results.GetBlobClient($"{batch.ResultsFolder}/{path}");
        if (batch.EarlierResultsFolder is not { } earlier || await blob.ExistsAsync(cancellationToken)) return blob;
        var run = OfARun().Match(path).Value;
        return await IsOwnAsync(batch, $"{earlier}/{run}{ReportFile}", cancellationToken) ? account.Results.GetBlobClient($"{earlier}/{path}") : blob;
    }

    /// <summary>Lists the numbers of the runs that left anything, in no particular order.</summary>
    public async Task<IReadOnlyCollection<int>> ListRunsAsync(BatchName batch, CancellationToken cancellationToken)
    {
        var numbers = await ListRunsAsync(batch.ResultsFolder, cancellationToken).ToHashSetAsync(cancellationToken: cancellationToken);
        if (batch.EarlierResultsFolder is not { } earlier) return numbers;
        await foreach (var number in ListRunsAsync(earlier, cancellationToken))
        {
            if (!numbers.Contains(number) && await IsOwnAsync(batch, RunFile(earlier, number), cancellationToken)) numbers.Add(number);
        }

        return numbers;
    }

    /// <summary>
    /// Lists the names of all stored files of a batch by exact location, because its folder may contain the reports of a batch whose name begins
    /// with it.
    /// </summary>
    public async IAsyncEnumerable<string> ListFilesAsync(BatchName batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var file in Latest) yield return $"{batch.ResultsFolder}/{file}";
        await foreach (var (name, _) in ListRunFilesAsync(batch.ResultsFolder, cancellationToken)) yield return name;
        if (batch.EarlierResultsFolder is not { } earlier) yield break;

        var own = new Dictionary<string, bool>(StringComparer.Ordinal);
        await foreach (var (name, run) in ListRunFilesAsync(earlier, cancellationToken))
        {
            if (!own.TryGetValue(run, out var isOwn)) own[run] = isOwn = await IsOwnAsync(batch, $"{earlier}/{run}{ReportFile}", cancellationToken);
            if (isOwn) yield return name;
        }

        if (!await IsOwnAsync(batch, $"{earlier}/{ReportFile}", cancellationToken)) yield break;
        foreach (var file in Latest) yield return $"{earlier}/{file}";
    }

    private async IAsyncEnumerable<int> ListRunsAsync(string folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var prefix = $"{folder}/runs/";
        var options = new GetBlobsByHierarchyOptions { Prefix = prefix, Delimiter = "/" };
        await foreach (var entry in account.Results.GetBlobsByHierarchyAsync(options, cancellationToken))
        {
            if (!entry.IsPrefix) continue;
            var name = entry.Prefix.AsSpan(prefix.Length).TrimEnd('/');
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var runSeq)) yield return runSeq;
        }
    }

    private async IAsyncEnumerable<(string Name, string Run)> ListRunFilesAsync(
        string folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var blob in account.Results.GetBlobsAsync(new GetBlobsOptions { Prefix = $"{folder}/runs/" }, cancellationToken))
        {
            var path = blob.Name[(folder.Length + 1)..];
            if (OfARun().Match(path) is { Success: true } run && !IsOfABatchWithin(path, run)) yield return (blob.Name, run.Value);
        }
    }

    /// <summary>Whether a path is that of a run of a batch which is named like the folder of a run, as version 1.0 stored it.</summary>
    private static bool IsOfABatchWithin(string path, Match run) => OfARun().IsMatch(path[run.Length..]);

    /// <summary>Whether a report is there and is this batch's.</summary>
    private async Task<bool> IsOwnAsync(BatchName batch, string report, CancellationToken cancellationToken)
    {
        try
        {
            var options = new BlobDownloadOptions { Range = new HttpRange(0, HeadBytes) };
            var head = await account.Results.GetBlobClient(report).DownloadContentAsync(options, cancellationToken);
            return OwnerOf(head.Value.Content.ToMemory().Span) == batch.Value;
        }
        catch (Exception e) when (e is JsonException || e is RequestFailedException missing && missing.IsNotFound())
        {
            return false;
        }
    }

    private static string? OwnerOf(ReadOnlySpan<byte> head)
    {
        var reader = new Utf8JsonReader(head, isFinalBlock: false, default);
        while (reader.Read())
        {
            if (reader is { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 } && reader.ValueTextEquals("batch"))
            {
                return reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            }
        }

        return null;
    }

    private static string RunFile(string folder, int runSeq) => string.Create(CultureInfo.InvariantCulture, $"{folder}/runs/{runSeq}/{ReportFile}");

    [GeneratedRegex("^runs/[0-9]+/", RegexOptions.CultureInvariant)]
    private static partial Regex OfARun();
}
