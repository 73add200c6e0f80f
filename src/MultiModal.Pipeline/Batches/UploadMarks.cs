using Azure;
using Azure.Storage.Blobs.Models;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Batches;

/// <summary>
/// Marks of uploads that consist of many files: empty blobs <c>state/uploads/{batch}</c>. While a batch has one, it does not start by itself, so
/// that an upload that breaks off leaves a batch that waits and not a run over a part of the files. An upload sets the mark before its first file
/// and clears it after its last one; a user who starts or deletes the batch clears it as well.
/// </summary>
public sealed class UploadMarks(MediaAccount account)
{
    private const string Folder = "uploads/";

    /// <summary>Sets the mark. Where another upload had set it, this upload answers for the batch from now on.</summary>
    /// <returns>The version of the mark, by which the upload clears no mark but its own.</returns>
    public async Task<ETag> SetAsync(BatchName batch, CancellationToken cancellationToken)
    {
        BlobContentInfo mark = await account.State.GetBlobClient(BlobName(batch)).UploadAsync(BinaryData.Empty, overwrite: true, cancellationToken);
        return mark.ETag;
    }

    public async Task<bool> IsSetAsync(BatchName batch, CancellationToken cancellationToken) =>
        await account.State.GetBlobClient(BlobName(batch)).ExistsAsync(cancellationToken);

    /// <summary>Clears the mark that an upload set, unless another upload has set it since.</summary>
    public async Task ClearAsync(BatchName batch, ETag own, CancellationToken cancellationToken)
    {
        try
        {
            await account.State.DeleteBlobIfExistsAsync(
                BlobName(batch), conditions: new BlobRequestConditions { IfMatch = own }, cancellationToken: cancellationToken);
        }
        catch (RequestFailedException e) when (e.IsConditionNotMet())
        {
            // The other upload clears it.
        }
    }

    /// <summary>Clears the mark, whoever set it.</summary>
    public Task ClearAsync(BatchName batch, CancellationToken cancellationToken) =>
        account.State.DeleteBlobIfExistsAsync(BlobName(batch), cancellationToken: cancellationToken);

    private static string BlobName(BatchName batch) => $"{Folder}{batch.ResultsFolder}";
}
