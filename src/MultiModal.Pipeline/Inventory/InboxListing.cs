using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Inventory;

/// <summary>Listings of the inbox, and the digest that shows whether two of them are equal.</summary>
public sealed class InboxListing(MediaAccount account, IOptions<PipelineOptions> options)
{
    /// <summary>Names that the first request for a batch may answer with. A name that only begins like the batch's costs no more than that.</summary>
    private const int FirstLook = 100;

    public IReadOnlyList<string> IgnorePatterns { get; } = options.Value.Ignore.Count > 0 ? [.. options.Value.Ignore] : IgnoreRules.Default;

    /// <summary>All blobs of a batch in ordinal order of their names, including ignored ones and <c>batch.json</c>.</summary>
    public async Task<IReadOnlyList<InboxBlob>> ListBatchAsync(BatchName batch, CancellationToken cancellationToken)
    {
        var blobs = new List<InboxBlob>();
        await foreach (var blob in ListOwnAsync(batch, cancellationToken))
        {
            if (BatchName.FromBlob(blob.Name, options.Value.BatchDepth, out var owner) && owner == batch) blobs.Add(blob);
        }

        blobs.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return blobs;
    }

    /// <summary>Whether anything of the batch is in the inbox.</summary>
    public async Task<bool> HasBatchAsync(BatchName batch, CancellationToken cancellationToken)
    {
        await foreach (var blob in ListOwnAsync(batch, cancellationToken))
        {
            if (BatchName.FromBlob(blob.Name, options.Value.BatchDepth, out var owner) && owner == batch) return true;
        }

        return false;
    }

    /// <summary>Whether a file of an upload by <c>run</c> is in the inbox.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="upload">Id of the upload (<see cref="MarkedUpload.Upload"/>).</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    public async Task<bool> HasFileOfAsync(BatchName batch, string upload, CancellationToken cancellationToken)
    {
        var files = account.Inbox.GetBlobsAsync(new GetBlobsOptions { Prefix = $"{batch.Value}/", Traits = BlobTraits.Metadata }, cancellationToken);
        await foreach (var file in files)
        {
            if (UploadMark.IsOf(upload, file.Metadata)) return true;
        }

        return false;
    }

    /// <summary>Lists every blob of the inbox.</summary>
    public IAsyncEnumerable<InboxBlob> ListAllAsync(CancellationToken cancellationToken) => ListAsync(prefix: null, cancellationToken);

    /// <summary>The digest of a listing, equal for two that have the same names and ETags; names must be in ordinal order.</summary>
    public static string Digest(IEnumerable<InboxBlob> ordered)
    {
        ArgumentNullException.ThrowIfNull(ordered);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var blob in ordered)
        {
            Append(hash, blob);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Adds the next blob to a digest that is made while the listing is read: SHA-256, as <see cref="Digest"/> makes it.</summary>
    public static void Append(IncrementalHash digest, InboxBlob blob)
    {
        ArgumentNullException.ThrowIfNull(digest);
        ArgumentNullException.ThrowIfNull(blob);
        digest.AppendData(Encoding.UTF8.GetBytes($"{blob.Name}\0{blob.ETag}\n"));
    }

    /// <summary>Whether the batch is still the same as in a run's inventory.</summary>
    public async Task<bool> IsUnchangedAsync(BatchName batch, string digest, CancellationToken cancellationToken) =>
        Digest(await ListBatchAsync(batch, cancellationToken)) == digest;

    /// <summary>
    /// Lists the batch's folder and a blob of its own name. One request is enough where few names begin with the batch's; otherwise only the folder
    /// is listed, and no folder whose name only begins with it.
    /// </summary>
    private async IAsyncEnumerable<InboxBlob> ListOwnAsync(BatchName batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = $"{batch.Value}/";
        var begun = account.Inbox.GetBlobsAsync(new GetBlobsOptions { Prefix = batch.Value }, cancellationToken).AsPages(pageSizeHint: FirstLook);
        await foreach (var page in begun)
        {
            var isAll = string.IsNullOrEmpty(page.ContinuationToken);
            foreach (var blob in page.Values)
            {
                if (blob.Name == batch.Value || (isAll && blob.Name.StartsWith(folder, StringComparison.Ordinal))) yield return From(blob);
            }

            // Listings are in ordinal order, so that a blob that is named exactly by the prefix is on the first page.
            if (isAll) yield break;
            if (page.Values.Count > 0) break;
        }

        await foreach (var blob in ListAsync(folder, cancellationToken)) yield return blob;
    }

    private async IAsyncEnumerable<InboxBlob> ListAsync(string? prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var blob in account.Inbox.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix }, cancellationToken))
        {
            yield return From(blob);
        }
    }

    private static InboxBlob From(BlobItem blob) => new(blob.Name, blob.Properties.ETag?.ToString() ?? "", blob.Properties.ContentLength ?? 0);
}

/// <summary>A blob of the inbox, as listed.</summary>
public sealed record InboxBlob(string Name, string ETag, long Bytes);
