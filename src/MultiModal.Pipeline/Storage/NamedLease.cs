using System.Net;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace MultiModal.Pipeline.Storage;

/// <summary>
/// A lease on a small blob whose metadata name the holder. The holder is named before the lease counts as held, and the lease of a dead holder is
/// broken only on the version of the blob that named it. Therefore no caller breaks the lease of another that was quicker.
/// </summary>
internal static class NamedLease
{
    private const string HolderMetadata = "owner";

    /// <summary>Takes the lease if nobody holds it. If its holder is certainly dead, the lease is broken, and the next try may take it.</summary>
    /// <param name="blob">The blob, which is created if it is missing.</param>
    /// <param name="lease">The lease on it.</param>
    /// <param name="holder">This process.</param>
    /// <param name="content">Content of the blob if it is created here; that of an existing blob stays.</param>
    /// <param name="broken">Receives the dead holder of a lease that was broken.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    public static async Task<bool> TryTakeAsync(
        BlobClient blob, BlobLeaseClient lease, AccountOwner holder, BinaryData content, Action<AccountOwner> broken,
        CancellationToken cancellationToken)
    {
        var named = new Dictionary<string, string> { [HolderMetadata] = holder.ToToken() };
        try
        {
            var created = await CreateAsync(blob, content, named, cancellationToken);
            var asCreated = created is { } etag ? new RequestConditions { IfMatch = etag } : null;
            await HeldLease.TakeAsync(lease, asCreated, cancellationToken);
            if (created is null) await blob.SetMetadataAsync(named, new BlobRequestConditions { LeaseId = lease.LeaseId }, cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (HeldLease.IsTaken(e) || e.IsNotFound())
        {
            if (e.Status == (int)HttpStatusCode.Conflict) await BreakIfDeadAsync(blob, lease, broken, cancellationToken);
            return false;
        }
    }

    /// <returns>The process that the blob names; null if there is no blob, or if it names none.</returns>
    public static async Task<AccountOwner?> FindHolderAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            return HolderOf((await blob.GetPropertiesAsync(cancellationToken: cancellationToken)).Value.Metadata);
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            return null;
        }
    }

    /// <summary>Whether a process may hold the lease: one does, and it is not certain that this process has ended.</summary>
    public static bool IsHeld(LeaseState state, IDictionary<string, string> metadata) =>
        state == LeaseState.Leased && HolderOf(metadata) is not { IsDead: true };

    /// <returns>The new blob; null where another caller created it first, and may hold its lease already.</returns>
    private static async Task<ETag?> CreateAsync(
        BlobClient blob, BinaryData content, Dictionary<string, string> named, CancellationToken cancellationToken)
    {
        try
        {
            var options = new BlobUploadOptions { Metadata = named, Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } };
            return (await blob.UploadAsync(content, options, cancellationToken)).Value.ETag;
        }
        catch (RequestFailedException e) when (e.IsConditionNotMet() || e.Status == (int)HttpStatusCode.Conflict)
        {
            return null;
        }
    }

    private static async Task BreakIfDeadAsync(
        BlobClient blob, BlobLeaseClient lease, Action<AccountOwner> broken, CancellationToken cancellationToken)
    {
        try
        {
            var held = (await blob.GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
            if (held.LeaseState != LeaseState.Leased || HolderOf(held.Metadata) is not { IsDead: true } dead) return;
            if (await HeldLease.TryBreakAsync(lease, held.ETag, cancellationToken)) broken(dead);
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            // The lease was released, so that another request shows the result.
        }
    }

    private static AccountOwner? HolderOf(IDictionary<string, string> metadata) =>
        metadata.TryGetValue(HolderMetadata, out var token) ? AccountOwner.FromToken(token) : null;
}
