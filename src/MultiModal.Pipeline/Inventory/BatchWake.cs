using Azure;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Inventory;

/// <summary>Decides how a batch starts after its quiet window, from its inbox folder at that moment.</summary>
public sealed class BatchWake(MediaAccount account, InboxListing listing)
{
    /// <returns>
    /// <see cref="StartMode.Manual"/> if <c>batch.json</c> says so, or if there is only <c>batch.json</c> yet (a batch that was
    /// created before its files were sent); an invalid <c>batch.json</c> starts a run, whose report explains the error. Null if nothing
    /// of the batch is left.
    /// </returns>
    public async Task<StartMode?> ReadModeAsync(BatchName batch, CancellationToken cancellationToken)
    {
        var optionsName = BatchOptionsFile.BlobName(batch);
        var blobs = await listing.ListBatchAsync(batch, cancellationToken);
        if (blobs.Count == 0) return null;
        if (blobs.All(b => b.Name == optionsName)) return StartMode.Manual;
        if (blobs.All(b => b.Name != optionsName)) return StartMode.Auto;
        try
        {
            await using var content = await account.Inbox.GetBlobClient(optionsName).OpenReadAsync(cancellationToken: cancellationToken);
            var options = await BatchOptionsFile.ParseAsync(content, cancellationToken);
            return options.Succeeded ? options.Value.Start : StartMode.Auto;
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            return StartMode.Auto;
        }
    }
}
