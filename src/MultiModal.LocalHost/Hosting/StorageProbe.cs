using System.Net;
using System.Net.Sockets;
using Azure;
using Azure.Core;
using Azure.Identity;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Storage;

namespace MultiModal.LocalHost.Hosting;

/// <summary>Checks whether the storage account answers, in seconds rather than after all retries.</summary>
internal static class StorageProbe
{
    private const int Tries = 5;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly Backoff Pauses = new(TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(2));

    /// <returns>Null if the account answers and grants access; otherwise the failure.</returns>
    public static async Task<Failure?> ProbeAsync(
        StorageOptions options, TokenCredential credential, TimeProvider time, CancellationToken cancellationToken)
    {
        MediaAccount account;
        try
        {
            account = MediaAccount.Open(options, credential, maxRetries: 0);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return new Failure(FailureCodes.InvalidSetting, "Storage:ConnectionString is not the connection string of a storage account.");
        }

        using var limit = new CancellationTokenSource(Patience, time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            await AskAsync(account, time, patience.Token);
            return null;
        }
        catch (RequestFailedException e) when (e.Status is (int)HttpStatusCode.Unauthorized or (int)HttpStatusCode.Forbidden)
        {
            return new Failure(
                FailureCodes.StorageDenied,
                $"The storage account at {account.Service.Uri} refuses these credentials ({e.ErrorCode}). Check the key, or give this identity the "
                    + "role Storage Blob Data Contributor.");
        }
        catch (RequestFailedException e) when (!StorageFaults.IsTransient(e))
        {
            var remedy = account.IsEmulated
                ? "Start Azurite with --skipApiVersionCheck: an older one does not know the API version of this host."
                : "Check the address.";
            return new Failure(
                FailureCodes.StorageUnreachable,
                $"The storage account at {account.Service.Uri} does not accept the request (HTTP {e.Status}, {e.ErrorCode}). {remedy}");
        }
        catch (AuthenticationFailedException)
        {
            return new Failure(
                FailureCodes.StorageDenied,
                $"No identity is available to sign in to {account.Service.Uri}. Run az login, use a managed identity, or set "
                    + "Storage:ConnectionString.");
        }
        catch (Exception e) when (StorageFaults.IsTransient(e) || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var remedy = account.IsEmulated
                ? "Start Azurite (npx azurite --skipApiVersionCheck), or set Storage:ConnectionString or Storage:BlobServiceUri."
                : "Check the name, the network and the account's firewall.";
            return new Failure(
                FailureCodes.StorageUnreachable, $"The storage account at {account.Service.Uri} does not answer. {remedy}", Retryable: true);
        }
    }

    /// <summary>Asks again while storage or a token service fails for a moment, but not where nobody listens or no identity is available.</summary>
    private static async Task AskAsync(MediaAccount account, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await account.State.ExistsAsync(cancellationToken);
                return;
            }
            catch (Exception e) when (MayPass(e) && tries < Tries)
            {
                await Task.Delay(Pauses.After(tries), time, cancellationToken);
            }
        }
    }

    private static bool MayPass(Exception exception)
    {
        if (exception is CredentialUnavailableException || !StorageFaults.IsTransient(exception)) return false;
        for (var at = exception; at is not null; at = at.InnerException)
        {
            if (at is SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostNotFound or SocketError.NoData }) return false;
        }

        return true;
    }
}
