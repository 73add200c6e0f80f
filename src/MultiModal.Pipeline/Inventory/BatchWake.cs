using Azure;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Inventory;

/// <summary>Decides whether a batch starts after its quiet window, from its inbox folder and the marks of uploads at that moment.</summary>
public sealed class BatchWake(MediaAccount account, InboxListing listing, UploadMarks uploads)
{
    /// <summary>Whether an upload into the batch is marked as under way, be it that it was broken off.</summary>
    public Task<bool> IsUploadingAsync(BatchName batch, CancellationToken cancellationToken) => uploads.IsSetAsync(batch, cancellationToken);

    /// <returns>
    /// <see cref="BatchReadiness.AwaitsStart"/> if <c>batch.json</c> says so; an invalid <c>batch.json</c> starts a run, whose report
    /// explains the error.
    /// </returns>
    public async Task<BatchReadiness> ReadAsync(BatchName batch, CancellationToken cancellationToken)
    {
        var optionsName = BatchOptionsFile.BlobName(batch);
        var blobs = await listing.ListBatchAsync(batch, cancellationToken);
        if (blobs.Count == 0) return BatchReadiness.Empty;
        if (await IsUploadingAsync(batch, cancellationToken)) return BatchReadiness.AwaitsUpload;
        if (blobs.All(b => b.Name == optionsName)) return BatchReadiness.OnlyOptions;
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
}
