using Azure.Core;
using Azure.Identity;
using Azure.Storage.Blobs;

namespace MultiModal.Pipeline.Storage;

/// <summary>The four containers of the product in a storage account.</summary>
public sealed class MediaAccount
{
    public const string InboxContainer = "inbox";
    public const string ResultsContainer = "results";
    public const string CacheContainer = "cache";
    public const string StateContainer = "state";

    public MediaAccount(BlobServiceClient service)
    {
        ArgumentNullException.ThrowIfNull(service);
        Service = service;
        Inbox = service.GetBlobContainerClient(InboxContainer);
        Results = service.GetBlobContainerClient(ResultsContainer);
        Cache = service.GetBlobContainerClient(CacheContainer);
        State = service.GetBlobContainerClient(StateContainer);
    }

    public BlobServiceClient Service { get; }

    /// <summary>True for Azurite: an emulator's addresses carry the account's name in their path, Azure's in the host name.</summary>
    public bool IsEmulated => Service.Uri.IsLoopback || Service.Uri.AbsolutePath.Length > 1;

    /// <summary>Container for the files that people drop; runs only read it, and deleting a batch deletes from it.</summary>
    public BlobContainerClient Inbox { get; }

    /// <summary>Container for reports.</summary>
    public BlobContainerClient Results { get; }

    /// <summary>Container for answers by content, keyed as the documentation says.</summary>
    public BlobContainerClient Cache { get; }

    /// <summary>Container for batch states, run records and locks.</summary>
    public BlobContainerClient State { get; }

    /// <param name="options">Options that identify the account.</param>
    /// <param name="credential">Credential for access by identity; <see cref="DefaultAzureCredential"/> if null.</param>
    /// <param name="maxRetries">Maximum number of retries of a failed request.</param>
    public static MediaAccount Open(StorageOptions options, TokenCredential? credential = null, int maxRetries = 5)
    {
        ArgumentNullException.ThrowIfNull(options);
        var client =
            new BlobClientOptions { RetryPolicy = new StorageRetry(maxRetries),
                Retry = { NetworkTimeout = TimeSpan.FromSeconds(options.TimeoutSeconds) } };
        return new MediaAccount(options.BlobServiceUri is { } endpoint
            ? new BlobServiceClient(endpoint, credential ?? new DefaultAzureCredential(), client)
            : new BlobServiceClient(options.ConnectionString, client));
    }

    public async Task CreateContainersAsync(CancellationToken cancellationToken)
    {
        foreach (var container in new[] { Inbox, Results, Cache, State })
        {
            await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        }
    }
}
