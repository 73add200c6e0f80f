using System.Globalization;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Batches;

/// <summary>
/// Marks of uploads that consist of many files: blobs <c>state/uploads/{batch}</c> with the id of the upload, which each of its files names in its
/// metadata. While a batch has a mark, it does not start by itself, so that an upload that breaks off leaves a batch that waits and not a run over a
/// part of the files. An upload sets the mark before its first file and clears it after its last one; a user who starts or deletes the batch clears it
/// as well. The process that uploads holds a lease on the mark, so that no second one uploads into the batch at the same time; a mark without a lease
/// is that of an upload which broke off. If that was before its first file, the mark holds nothing up.
/// </summary>
public sealed class UploadMarks(MediaAccount account, TimeProvider time)
{
    private const string Folder = "uploads/";

    /// <summary>For a holder that ends, or is found dead, between two requests.</summary>
    private const int MaxTries = 3;

    /// <summary>Sets the mark. The mark of an upload that broke off passes to this one, with its id: both upload the same batch.</summary>
    /// <returns>The mark, or <c>upload-under-way</c>.</returns>
    public async Task<Outcome<UploadMark>> SetAsync(BatchName batch, CancellationToken cancellationToken)
    {
        var blob = Blob(batch);
        var own = AccountOwner.Here("upload", time.GetUtcNow());
        AccountOwner? other = null;
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var lease = blob.GetBlobLeaseClient();
            if (await NamedLease.TryTakeAsync(blob, lease, own, BinaryData.FromString(own.Instance), _ => { }, cancellationToken))
            {
                if (await FindAsync(batch, cancellationToken) is { } set) return new UploadMark(blob, lease, own, set.Upload, time);

                // A user has cleared it already.
                continue;
            }

            other = await NamedLease.FindHolderAsync(blob, cancellationToken) ?? other;
            if (other is { IsDead: false }) break;
        }

        var who = other is null ? "" : string.Create(
            CultureInfo.InvariantCulture, $" (process {other.ProcessId} on {other.Machine}, since {other.Since:u})");
        return new Failure(
            FailureCodes.UploadUnderWay,
            $"Another upload into the batch {batch.Value} is under way{who}. Wait until it has ended, or upload into another batch.",
            Retryable: true);
    }

    /// <returns>The mark of the batch; null if there is none.</returns>
    public async Task<MarkedUpload?> FindAsync(BatchName batch, CancellationToken cancellationToken)
    {
        try
        {
            var mark = (await Blob(batch).DownloadContentAsync(cancellationToken)).Value;
            return new MarkedUpload(mark.Content.ToString(), NamedLease.IsHeld(mark.Details.LeaseState, mark.Details.Metadata));
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            return null;
        }
    }

    /// <summary>Clears the mark, whoever set it.</summary>
    public async Task ClearAsync(BatchName batch, CancellationToken cancellationToken)
    {
        var blob = Blob(batch);
        try
        {
            await blob.DeleteIfExistsAsync(cancellationToken: cancellationToken);
        }
        catch (RequestFailedException e) when (HeldLease.IsTaken(e))
        {
            await BreakAsync(blob, cancellationToken);
            await blob.DeleteIfExistsAsync(cancellationToken: cancellationToken);
        }
    }

    private static async Task BreakAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            await blob.GetBlobLeaseClient().BreakAsync(TimeSpan.Zero, cancellationToken: cancellationToken);
        }
        catch (RequestFailedException e) when (HeldLease.IsTaken(e) || e.IsNotFound())
        {
            // The upload has ended in the meantime.
        }
    }

    private BlobClient Blob(BatchName batch) => account.State.GetBlobClient($"{Folder}{batch.ResultsFolder}");
}

/// <summary>An upload that has a mark.</summary>
/// <param name="Upload">Id of the upload.</param>
/// <param name="IsUnderWay">Whether a process that may be alive holds the mark. Otherwise the upload was broken off.</param>
public sealed record MarkedUpload(string Upload, bool IsUnderWay);

/// <summary>The mark of an upload that is under way in this process. If it is disposed without being cleared, the mark stays, and is free.</summary>
public sealed class UploadMark : ILeaseHolder, IAsyncDisposable
{
    private const string UploadMetadata = "upload";

    private readonly BlobClient blob;
    private readonly AccountOwner uploader;
    private readonly HeldLease lease;
    private bool ended;

    internal UploadMark(BlobClient blob, BlobLeaseClient lease, AccountOwner uploader, string upload, TimeProvider time)
    {
        (this.blob, this.uploader) = (blob, uploader);
        FileMetadata = new Dictionary<string, string> { [UploadMetadata] = upload };
        this.lease = new HeldLease(lease, this, time);
    }

    /// <summary>Metadata of each file of the upload, by which a batch that was broken off is told from one that somebody else drops.</summary>
    public IDictionary<string, string> FileMetadata { get; }

    /// <summary>Whether a file in the inbox is one of the upload.</summary>
    internal static bool IsOf(string upload, IDictionary<string, string>? metadata) =>
        metadata is not null && metadata.TryGetValue(UploadMetadata, out var own) && own == upload;

    /// <summary>Clears the mark, unless a user has cleared it or another upload has taken it over.</summary>
    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        ended = true;
        await lease.DisposeAsync();
        try
        {
            await blob.DeleteIfExistsAsync(conditions: new BlobRequestConditions { LeaseId = lease.Id }, cancellationToken: cancellationToken);
        }
        catch (RequestFailedException e) when (HeldLease.IsTaken(e))
        {
            // Whoever took it over clears it.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (ended) return;
        ended = true;
        await lease.DisposeAsync();
        try
        {
            await lease.ReleaseAsync();
        }
        catch (Exception e) when (e is RequestFailedException || StorageFaults.IsTransient(e))
        {
            // The lease runs out by itself.
        }
    }

    async Task ILeaseHolder.ConfirmAsync(CancellationToken cancellationToken)
    {
        if ((await NamedLease.FindHolderAsync(blob, cancellationToken))?.Instance != uploader.Instance)
        {
            throw new InvalidOperationException("Another upload has taken the mark over.");
        }
    }

    void ILeaseHolder.RenewalFailed(Exception fault)
    {
        // The lease lasts long enough for more tries.
    }

    // The upload goes on: its files are as good as before.
    Task ILeaseHolder.LostAsync(Exception fault) => Task.CompletedTask;
}
