using System.Net;
using Azure;
using Azure.Storage.Blobs.Models;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Inventory;

/// <summary>
/// Reads inbox blobs only in the version that the inventory lists: every request carries its ETag. What an inventory of this process has just read is
/// taken from its copy.
/// </summary>
public sealed class InboxReader
{
    private readonly MediaAccount account;
    private readonly InboxCopies copies;

    /// <param name="account">The account with the inbox.</param>
    /// <param name="folder">The folder for copies.</param>
    /// <param name="time">Clock for the age of copies.</param>
    public InboxReader(MediaAccount account, WorkFolder folder, TimeProvider time) => (this.account, copies) = (account, new InboxCopies(folder, time));

    internal static Failure Changed { get; } = new(
        FailureCodes.ChangedDuringRun, "The file was replaced or deleted while the run was reading it. The batch runs again.", Retryable: true);

    /// <summary>Begins a copy of a blob that this process uploads, or reads for an inventory.</summary>
    /// <param name="blobName">Name of the blob.</param>
    /// <param name="bytes">Its size.</param>
    /// <returns>Null where no copy can be kept.</returns>
    public InboxCopy? BeginCopy(string blobName, long bytes) => copies.Begin(blobName, bytes);

    /// <summary>Opens the copy that this process has of a blob, which stays for others.</summary>
    /// <returns>Null where there is none.</returns>
    internal Stream? OpenCopy(InboxBlob blob) => copies.Open(blob.Name, blob.ETag);

    /// <summary>Removes the copies of a batch whose run has ended.</summary>
    public void ForgetCopies(BatchName batch) =>
        copies.Forget(name => name == batch.Value || name.StartsWith($"{batch.Value}/", StringComparison.Ordinal));

    /// <summary>Opens a forward-only stream over the blob.</summary>
    /// <returns>The stream; <c>changed-during-run</c> where the blob is no longer the one that was listed.</returns>
    public async Task<Outcome<Stream>> OpenAsync(string blobName, string etag, CancellationToken cancellationToken)
    {
        if (copies.Take(blobName, etag) is { } copy)
        {
            return new FileStream(copy, FileMode.Open, FileAccess.Read, FileShare.None, bufferSize: 4096, FileOptions.Asynchronous | FileOptions.DeleteOnClose);
        }

        try
        {
            var options = new BlobDownloadOptions { Conditions = new BlobRequestConditions { IfMatch = new ETag(etag) } };
            return (await account.Inbox.GetBlobClient(blobName).DownloadStreamingAsync(options, cancellationToken)).Value.Content;
        }
        catch (RequestFailedException e) when (Explain(e) is { } failure)
        {
            if (failure == Changed
                && await IsStillAsync(blobName, etag, cancellationToken)) throw new IOException($"Storage refused {etag} of a blob that has it.", e);
            return failure;
        }
    }

    /// <summary>
    /// Whether the blob is as it was listed, even if a request was refused: an item wrongly taken for changed would stay
    /// failed, because no later change would start a run.
    /// </summary>
    private async Task<bool> IsStillAsync(string blobName, string etag, CancellationToken cancellationToken)
    {
        try
        {
            // Listings show ETags without quotes; headers show them with quotes.
            var properties = await account.Inbox.GetBlobClient(blobName).GetPropertiesAsync(cancellationToken: cancellationToken);
            return properties.Value.ETag.ToString("H") == new ETag(etag).ToString("H");
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            return false;
        }
    }

    /// <summary>Copies the item into a file.</summary>
    /// <returns>Null if the file was written; otherwise the failure.</returns>
    public async Task<Failure?> FetchAsync(InventoryItem item, string path, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(item);
        if (copies.Take(item.BlobName, item.ETag) is { } copy)
        {
            File.Move(copy, path, overwrite: true);
            return null;
        }

        var opened = await OpenAsync(item.BlobName, item.ETag, cancellationToken);
        if (!opened.Succeeded) return opened.Failure;
        await using var content = opened.Value;
        var copied = await WatchAsync<string>(async () =>
        {
            await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true);
            await content.CopyToAsync(file, cancellationToken);
            return path;
        });
        return copied.Failure;
    }

    /// <summary>Reads from an opened stream. It reconnects with the same condition when a connection breaks, so that the blob
    /// may turn out to have changed between two of its requests.</summary>
    public static async Task<Outcome<T>> WatchAsync<T>(Func<Task<Outcome<T>>> read) where T : notnull
    {
        ArgumentNullException.ThrowIfNull(read);
        try
        {
            return await read();
        }
        catch (RequestFailedException e) when (Explain(e) is { } failure)
        {
            return failure;
        }
    }

    private static Failure? Explain(RequestFailedException fault) => fault.Status switch
    {
        (int)HttpStatusCode.PreconditionFailed or (int)HttpStatusCode.NotFound => Changed,
        (int)HttpStatusCode.BadRequest => new Failure(
            FailureCodes.UnreadableName, "The storage account lists this name but does not find the file by it. Rename the file."),
        _ => null,
    };
}
