using Azure;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Inventory;

/// <summary>
/// Decides whether a batch starts after its quiet window, from its inbox folder and the marks of uploads at that moment. The listing is handed over
/// to the inventory of the run that starts.
/// </summary>
/// <param name="account">The account with the inbox.</param>
/// <param name="listing">Lists the inbox.</param>
/// <param name="uploads">Marks of uploads.</param>
/// <param name="time">Clock for the age of listings.</param>
/// <param name="ownership">Whether this process owns the account alone, so that it sees every event; null if it never does.</param>
public sealed class BatchWake(
    MediaAccount account, InboxListing listing, UploadMarks uploads, TimeProvider time, SoleOwnership? ownership = null)
{
    /// <summary>Blobs in the listings that are kept.</summary>
    private const int KeptBlobs = 20_000;

    /// <summary>Age up to which a listing is handed over: what is dropped later is an event of its own.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly RecentlyUsed<BatchName, InboxLook> looks = new(KeptBlobs, look => look.Blobs.Count);

    /// <summary>
    /// Whether the batch waits for an upload: one is under way, or was broken off and left files. One that was broken off before its first file left
    /// a mark and nothing else, so that what somebody else drops is complete without it.
    /// </summary>
    public async Task<bool> IsUploadingAsync(BatchName batch, CancellationToken cancellationToken) =>
        await uploads.FindAsync(batch, cancellationToken) is { } mark
        && (mark.IsUnderWay || await listing.HasFileOfAsync(batch, mark.Upload, cancellationToken));

    /// <summary>Lists the batch, unless it was listed just now to decide whether it starts.</summary>
    public async Task<InboxLook> TakeLookAsync(BatchName batch, CancellationToken cancellationToken) =>
        looks.TryTake(batch, out var look) && time.GetElapsedTime(look.Began) < Fresh ? look : await LookAsync(batch, cancellationToken);

    /// <summary>Drops a listing that is older than an event: the inventory that follows the event must see what it reports.</summary>
    public void ForgetLook(BatchName batch) => looks.TryTake(batch, out _);

    /// <returns>
    /// <see cref="BatchReadiness.AwaitsStart"/> if <c>batch.json</c> says so; an invalid <c>batch.json</c> starts a run, whose report
    /// explains the error.
    /// </returns>
    public async Task<BatchReadiness> ReadAsync(BatchName batch, CancellationToken cancellationToken)
    {
        var optionsName = BatchOptionsFile.BlobName(batch);
        var look = await LookAsync(batch, cancellationToken);
        var blobs = look.Blobs;
        if (blobs.Count == 0) return BatchReadiness.Empty;
        if (await IsUploadingAsync(batch, cancellationToken)) return BatchReadiness.AwaitsUpload;
        if (blobs.All(b => b.Name == optionsName)) return BatchReadiness.OnlyOptions;
        if (ownership is not null && await ownership.IsHeldAsync(cancellationToken)) looks.Set(batch, look);
        if (blobs.All(b => b.Name != optionsName)) return BatchReadiness.Ready;
        try
        {
            await using var content = await account.Inbox.GetBlobClient(optionsName).OpenReadAsync(cancellationToken: cancellationToken);
            var options = await BatchOptionsFile.ParseAsync(content, cancellationToken);
            return options.Succeeded && options.Value.Start == StartMode.Manual ? BatchReadiness.AwaitsStart : BatchReadiness.Ready;
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            return BatchReadiness.Ready;
        }
    }

    private async Task<InboxLook> LookAsync(BatchName batch, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        return new InboxLook(await listing.ListBatchAsync(batch, cancellationToken), began);
    }
}

/// <summary>A listing of a batch.</summary>
/// <param name="Blobs">All blobs of the batch in ordinal order of their names.</param>
/// <param name="Began">Timestamp of the moment when the listing began.</param>
public sealed record InboxLook(IReadOnlyList<InboxBlob> Blobs, long Began);
