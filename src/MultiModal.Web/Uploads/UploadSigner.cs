using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Sas;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;
using MultiModal.Web.Edge;

namespace MultiModal.Web.Uploads;

/// <summary>
/// Signs URLs that allow writing one blob of the inbox. The key of the account signs if the connection string holds one, otherwise a user
/// delegation key of the identity that this host runs as.
/// </summary>
public sealed class UploadSigner(MediaAccount account, IOptions<StorageOptions> storage, IOptions<WebOptions> options, TimeProvider time)
{
    private static readonly Dictionary<string, string> Headers = new() { ["x-ms-blob-type"] = "BlockBlob" };

    /// <returns>The signed URLs; null if nothing here can sign because the account was opened with a shared access signature.</returns>
    public async Task<UploadUrls?> SignAsync(IReadOnlyList<ItemName> files, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(files);
        var expires = time.GetUtcNow() + options.Value.UploadUrlLifetime;
        if (account.Inbox.CanGenerateSasUri) return Sign(files, expires, (blob, sas) => blob.GenerateSasUri(sas));
        if (storage.Value.BlobServiceUri is null) return null;
        UserDelegationKey key = await account.Service.GetUserDelegationKeyAsync(startsOn: null, expires, cancellationToken);
        return Sign(
            files, expires, (blob, sas) => new BlobUriBuilder(blob.Uri) { Sas = sas.ToSasQueryParameters(key, account.Service.AccountName) }.ToUri());
    }

    private UploadUrls Sign(IReadOnlyList<ItemName> files, DateTimeOffset expires, Func<BlobClient, BlobSasBuilder, Uri> sign) =>
        new([.. files.Select(file =>
    {
        var blob = account.Inbox.GetBlobClient(file.BlobName);
        var sas = new BlobSasBuilder(BlobSasPermissions.Create | BlobSasPermissions.Write, expires)
        {
            BlobContainerName = blob.BlobContainerName,
            BlobName = blob.Name,
            Resource = "b",
            Protocol = blob.Uri.Scheme == Uri.UriSchemeHttps ? SasProtocol.Https : SasProtocol.HttpsAndHttp,
        };
        return new UploadUrl(file.Value, sign(blob, sas), "PUT", Headers, expires);
    })]);
}
