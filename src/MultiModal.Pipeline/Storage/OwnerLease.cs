using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging;

namespace MultiModal.Pipeline.Storage;

/// <summary>
/// Records which kind of host works on a storage account: a lease on <c>state/owner.json</c>, held as long as the host runs. Instances of
/// a shared kind hold the same lease by an id that they all know; any other host holds one of its own. The lease of a dead owner expires
/// after <see cref="LeaseSeconds"/>, or is broken at once if its death is certain.
/// </summary>
public sealed partial class OwnerLease : ILeaseHolder, IAsyncDisposable
{
    /// <summary>Seconds after which an owner's lease expires unless it is renewed.</summary>
    public const int LeaseSeconds = HeldLease.Seconds;

    private const string BlobName = "owner.json";

    // All instances of the shared kind know this id: acquiring an active lease by its own id renews it (Lease Blob, REST reference).
    private const string SharedLeaseId = "6b0a2c1e-6d0b-4b8e-9a53-7c1f1e5a20f7";

    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(2);

    private readonly BlobContainerClient state;
    private readonly HeldLease lease;
    private readonly bool shared;
    private readonly ILogger logger;
    private readonly CancellationTokenSource lost = new();
    private volatile bool ended;

    private OwnerLease(AccountOwner owner, BlobContainerClient state, BlobLeaseClient lease, bool shared, TimeProvider time, ILogger logger)
    {
        (Owner, this.state, this.shared, this.logger) = (owner, state, shared, logger);
        this.lease = new HeldLease(lease, this, time);
    }

    public AccountOwner Owner { get; }

    /// <summary>A token that is cancelled once another host may own the account; this host must then stop.</summary>
    public CancellationToken Lost => lost.Token;

    /// <summary>Whether no other instance holds the lease too.</summary>
    internal bool IsExclusive => !shared;

    /// <summary>Whether the lease was neither lost nor given up.</summary>
    internal bool IsKept => !ended;

    /// <summary>Whether the lease cannot have run out since it was last renewed: it may have, if this process was paused.</summary>
    internal bool IsCurrent => lease.IsCurrent;

    /// <summary>Takes ownership of the account, or fails with the name of its owner.</summary>
    /// <param name="account">The account, whose containers must exist.</param>
    /// <param name="owner">The host that asks for ownership.</param>
    /// <param name="shared">Whether other instances of this kind may own it too.</param>
    /// <param name="patience">Time to wait for the lease of another owner of this kind to expire, because it may have died.</param>
    /// <param name="time">Clock for waits and renewals.</param>
    /// <param name="logger">Logger for waits, and for a lost lease.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    /// <returns>The lease, or <c>other-host-owns-account</c> if another host owns the account.</returns>
    public static async Task<Outcome<OwnerLease>> AcquireAsync(
        MediaAccount account, AccountOwner owner, bool shared, TimeSpan patience, TimeProvider time, ILogger logger,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(time);
        var blob = account.State.GetBlobClient(BlobName);
        var lease = blob.GetBlobLeaseClient(shared ? SharedLeaseId : UniqueId.New().ToString());
        var since = time.GetTimestamp();
        var told = false;
        while (!await TryAcquireAsync(blob, lease, owner, cancellationToken))
        {
            var named = await account.State.ReadJsonAsync<AccountOwner>(BlobName, cancellationToken);
            var other = named?.Value;
            if (other?.IsDead == true)
            {
                if (await HeldLease.TryBreakAsync(lease, named!.ETag, cancellationToken)) LogBroken(logger, other.ProcessId);
                continue;
            }

            // The lease of a live process on this machine is no leftover, so waiting will not free it.
            var mayBeDead = other is null || (other.Kind == owner.Kind && (other.ProcessSpace is null || other.ProcessSpace != owner.ProcessSpace));
            if (!mayBeDead || time.GetElapsedTime(since) >= patience)
            {
                return new Failure(
                    FailureCodes.OtherHostOwnsAccount,
                    $"The storage account belongs to {other?.ToString() ?? "a host that has not given its name"}. Only one host works on an "
                        + "account at a time. Stop that host, or use another account.",
                    Retryable: true);
            }

            if (!told) LogWaiting(logger, other?.ToString() ?? "a host that has not given its name", LeaseSeconds);
            told = true;
            await Task.Delay(AskEvery, time, cancellationToken);
        }

        return new OwnerLease(owner, account.State, lease, shared, time, logger);
    }

    /// <returns>The current owner of the account; null if there is none, or only a process that has ended.</returns>
    public static async Task<AccountOwner?> ReadOwnerAsync(MediaAccount account, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(account);
        try
        {
            var properties = await account.State.GetBlobClient(BlobName).GetPropertiesAsync(cancellationToken: cancellationToken);
            if (properties.Value.LeaseState != LeaseState.Leased) return null;
            var owner = (await account.State.ReadJsonAsync<AccountOwner>(BlobName, cancellationToken))?.Value;
            return owner is { IsDead: false } ? owner : null;
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            return null;
        }
    }

    /// <summary>Releases the account, except for a shared lease, which another instance may depend on.</summary>
    public async ValueTask DisposeAsync()
    {
        ended = true;
        await lease.DisposeAsync();
        if (!shared && !lost.IsCancellationRequested)
        {
            try
            {
                await lease.ReleaseAsync();
            }
            catch (Exception e) when (e is RequestFailedException || StorageFaults.IsTransient(e))
            {
                // The lease expires by itself.
                LogNotReleased(logger, e);
            }
        }

        lost.Dispose();
    }

    /// <summary>
    /// Tries to acquire the lease and to record its owner's name; only then does the lease count. A dead owner's lease is broken only on
    /// the version that names the dead owner, and a name is written only under the writer's own lease. Therefore, if two hosts find a
    /// dead owner at once, only one owns the account.
    /// </summary>
    private static async Task<bool> TryAcquireAsync(BlobClient blob, BlobLeaseClient lease, AccountOwner owner, CancellationToken cancellationToken)
    {
        try
        {
            await blob.UploadAsync(
                BinaryData.FromString("null"), new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } },
                cancellationToken);
        }
        catch (RequestFailedException e) when (e.IsConditionNotMet())
        {
            // The blob exists since the first host.
        }

        try
        {
            await HeldLease.TakeAsync(lease, conditions: null, cancellationToken);
            await blob.UploadAsync(
                BinaryData.FromObjectAsJson(owner, PipelineJson.Options),
                new BlobUploadOptions { Conditions = new BlobRequestConditions { LeaseId = lease.LeaseId },
                    HttpHeaders = new BlobHttpHeaders { ContentType = "application/json" } },
                cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (HeldLease.IsTaken(e))
        {
            return false;
        }
    }

    async Task ILeaseHolder.ConfirmAsync(CancellationToken cancellationToken)
    {
        var last = (await state.ReadJsonAsync<AccountOwner>(BlobName, cancellationToken))?.Value;
        if (shared
            ? last?.Kind != Owner.Kind
            : last?.Instance != Owner.Instance) throw new InvalidOperationException($"The account belonged to {last} meanwhile.");
    }

    void ILeaseHolder.RenewalFailed(Exception fault) => LogNotRenewed(logger, fault);

    async Task ILeaseHolder.LostAsync(Exception fault)
    {
        LogLost(logger, fault);
        ended = true;
        await lost.CancelAsync();
    }

    [LoggerMessage(
        LogLevel.Information, "The storage account belongs to {Owner}, which may have died. Waiting up to {Seconds} s for its lease to run out")]
    private static partial void LogWaiting(ILogger logger, string owner, int seconds);

    [LoggerMessage(LogLevel.Information, "Process {ProcessId}, which owned the storage account, has ended. Its lease is broken")]
    private static partial void LogBroken(ILogger logger, int processId);

    [LoggerMessage(LogLevel.Warning, "The owner lease of the storage account was not renewed. It is tried again")]
    private static partial void LogNotRenewed(ILogger logger, Exception fault);

    [LoggerMessage(LogLevel.Error, "The owner lease of the storage account is lost. Another host may own the account, so this one stops")]
    private static partial void LogLost(ILogger logger, Exception fault);

    [LoggerMessage(LogLevel.Information, "The owner lease of the storage account was not released. It will run out")]
    private static partial void LogNotReleased(ILogger logger, Exception fault);
}
