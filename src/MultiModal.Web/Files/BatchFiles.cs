using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;
using MultiModal.Web.Edge;
using MultiModal.Web.Serving;

namespace MultiModal.Web.Files;

/// <summary>The files of batches in the inbox. A batch of one blob at the root of the inbox has one file, with the name of the batch.</summary>
public sealed class BatchFiles(MediaAccount account, IOptions<PipelineOptions> options)
{
    private const string Unknown = "application/octet-stream";

    /// <summary>
    /// Begins what the next page is asked with; the mark of storage's page follows, and nothing where the listing of the folder begins.
    /// </summary>
    private const char Mark = '.';

    private static readonly FileExtensionContentTypeProvider Types = new();

    private static Failure UnknownPage { get; } = new(ProblemCodes.InvalidQuery, "continuation must come from the page before.");

    /// <summary>Lists the files whose paths begin with a text, a page at a time.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="prefix">Beginning of the paths; empty for all.</param>
    /// <param name="limit">Largest number of files, at most 5,000.</param>
    /// <param name="continuation">From the page before; null for the first page.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    /// <returns>The page, or <c>invalid-query</c> for a continuation that no page had.</returns>
    public async Task<Outcome<FilePage>> ListAsync(
        BatchName batch, string prefix, int limit, string? continuation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (continuation is not null && continuation[0] != Mark) return UnknownPage;
        var files = new List<FileEntry>();
        if (continuation is null && batch.Value.StartsWith(prefix, StringComparison.Ordinal)
            && await FindRootAsync(batch, cancellationToken) is { } root) files.Add(root);
        var folder = $"{batch.Value}/";
        var listed = new GetBlobsOptions { Prefix = folder + prefix, Traits = BlobTraits.Metadata };
        var from = continuation is { Length: > 1 } ? continuation[1..] : null;
        try
        {
            while (files.Count < limit)
            {
                // No page of storage is longer than what is still wanted, so that one of ours can end where it ends.
                var page = await account.Inbox.GetBlobsAsync(listed, cancellationToken).AsPages(from, limit - files.Count)
                    .FirstAsync(cancellationToken);
                files.AddRange(page.Values.Where(blob => IsFileOf(batch, blob)).Select(blob => Entry(blob.Name[folder.Length..], blob)));
                if (string.IsNullOrEmpty(page.ContinuationToken)) return new FilePage(files, null);
                from = page.ContinuationToken;
            }

            return new FilePage(files, Mark + from);
        }
        catch (RequestFailedException e) when (e.Status == StatusCodes.Status400BadRequest && continuation is not null)
        {
            return UnknownPage;
        }
    }

    /// <summary>The blobs that a path may name: the second one is that of a batch of one blob at the root.</summary>
    public IEnumerable<BlobClient> BlobsOf(ItemName file)
    {
        yield return account.Inbox.GetBlobClient(file.BlobName);
        if (IsRoot(file)) yield return account.Inbox.GetBlobClient(file.Value);
    }

    /// <summary>Deletes a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="version">The only version that may be deleted; null for any.</param>
    /// <param name="cancellationToken">Cancels the deletion.</param>
    /// <returns>False if there was no such file.</returns>
    /// <exception cref="RequestFailedException">The file has another version (412).</exception>
    public async Task<bool> DeleteAsync(ItemName file, ETag? version, CancellationToken cancellationToken)
    {
        foreach (var blob in BlobsOf(file))
        {
            try
            {
                await blob.DeleteAsync(DeleteSnapshotsOption.IncludeSnapshots, new BlobRequestConditions { IfMatch = version }, cancellationToken);
                return true;
            }
            catch (RequestFailedException e) when (e.IsNotFound())
            {
                // The next place is looked at.
            }
        }

        return false;
    }

    private static bool IsRoot(ItemName file) => file.Value == file.Batch.Value;

    private bool IsFileOf(BatchName batch, BlobItem blob) =>
        BatchName.FromBlob(blob.Name, options.Value.BatchDepth, out var owner) && owner == batch && !IsFolder(blob);

    private static bool IsFolder(BlobItem blob) => blob.Name.EndsWith('/') || BlobVersion.IsMarker(blob.Metadata);

    private async Task<FileEntry?> FindRootAsync(BatchName batch, CancellationToken cancellationToken)
    {
        if (batch.Value.Contains('/', StringComparison.Ordinal)) return null;
        try
        {
            BlobProperties blob = await account.Inbox.GetBlobClient(batch.Value).GetPropertiesAsync(cancellationToken: cancellationToken);
            return BlobVersion.IsMarker(blob.Metadata) ? null
                : new FileEntry(batch.Value, blob.ContentLength, TypeOf(batch.Value), blob.LastModified, blob.ETag.ToString());
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            return null;
        }
    }

    private static FileEntry Entry(string path, BlobItem blob) => new(
        path, blob.Properties.ContentLength ?? 0, TypeOf(path), blob.Properties.LastModified, blob.Properties.ETag?.ToString() ?? "");

    private static string TypeOf(string path) => Types.TryGetContentType(path, out var type) ? type : Unknown;
}
