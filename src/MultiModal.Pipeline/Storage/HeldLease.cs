using System.Net;
using Azure;
using Azure.Storage.Blobs.Specialized;

namespace MultiModal.Pipeline.Storage;

/// <summary>
/// A lease that this process holds on a blob, renewed until it is disposed. If it expired while the process was paused, it is taken
/// again, unless another owner had it meanwhile.
/// </summary>
internal sealed class HeldLease : IAsyncDisposable
{
    /// <summary>Duration of Azure's longest lease that is not infinite, in seconds (Lease Blob, REST reference).</summary>
    public const int Seconds = 60;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(Seconds);
    private static readonly TimeSpan RenewEvery = Length / 4;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource done = new();
    private readonly BlobLeaseClient lease;
    private readonly ILeaseHolder holder;
    private readonly TimeProvider time;
    private readonly Task renewal;
    private long renewed;

    /// <param name="lease">A lease taken just now, for <see cref="Seconds"/>.</param>
    /// <param name="holder">The holder, which is informed about renewals.</param>
    /// <param name="time">Clock for renewals.</param>
    public HeldLease(BlobLeaseClient lease, ILeaseHolder holder, TimeProvider time)
    {
        (this.lease, this.holder, this.time, renewed) = (lease, holder, time, time.GetTimestamp());
        renewal = RenewUntilDoneAsync();
    }

    public string Id => lease.LeaseId;

    /// <summary>Whether the lease was renewed within its duration.</summary>
    public bool IsCurrent => time.GetElapsedTime(Volatile.Read(ref renewed)) < Length;

    /// <summary>Takes a lease that has no holder.</summary>
    /// <exception cref="RequestFailedException">The status is 409 if the lease has a holder, and 412 if a condition is not met.</exception>
    public static Task TakeAsync(BlobLeaseClient lease, RequestConditions? conditions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        return lease.AcquireAsync(Length, conditions, cancellationToken);
    }

    /// <summary>
    /// Breaks the lease of an owner that has died, but only on the version of the blob that names this owner, so that the lease of a
    /// faster successor is never broken.
    /// </summary>
    /// <returns>False if another process broke or took it.</returns>
    public static async Task<bool> TryBreakAsync(BlobLeaseClient lease, ETag named, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        try
        {
            await lease.BreakAsync(TimeSpan.Zero, new RequestConditions { IfMatch = named }, cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (IsTaken(e) || e.IsNotFound())
        {
            return false;
        }
    }

    /// <summary>Whether a request failed because another owner holds or held the lease.</summary>
    public static bool IsTaken(RequestFailedException fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return fault.Status is (int)HttpStatusCode.Conflict or (int)HttpStatusCode.PreconditionFailed;
    }

    /// <summary>Releases the lease, so that the next owner can take it at once.</summary>
    public Task ReleaseAsync() => lease.ReleaseAsync(cancellationToken: CancellationToken.None);

    /// <summary>Stops renewing. The lease itself remains until it is released or expires.</summary>
    public async ValueTask DisposeAsync()
    {
        await done.CancelAsync();
        await renewal;
        done.Dispose();
    }

    private async Task RenewUntilDoneAsync()
    {
        var pause = RenewEvery;
        try
        {
            while (true)
            {
                await Task.Delay(pause, time, done.Token);
                try
                {
                    // A try must not take longer than the lease that it renews.
                    using var limit = new CancellationTokenSource(RenewEvery, time);
                    using var either = CancellationTokenSource.CreateLinkedTokenSource(done.Token, limit.Token);
                    var asked = time.GetTimestamp();
                    await RenewOrRetakeAsync(either.Token);
                    Volatile.Write(ref renewed, asked);
                    pause = RenewEvery;
                }
                catch (Exception e)
                    when ((e is OperationCanceledException || StorageFaults.IsTransient(e)) && !done.IsCancellationRequested
                    && time.GetElapsedTime(renewed) < Length)
                {
                    holder.RenewalFailed(e);
                    pause = RetryAfter;
                }
                catch (Exception e) when (!done.IsCancellationRequested)
                {
                    await holder.LostAsync(e);
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The lease was disposed.
        }
    }

    private async Task RenewOrRetakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await lease.RenewAsync(cancellationToken: cancellationToken);
        }
        catch (RequestFailedException e) when (!StorageFaults.IsTransient(e))
        {
            await TakeAsync(lease, conditions: null, cancellationToken);
            await holder.ConfirmAsync(cancellationToken);
            Telemetry.Recovered("lease-taken-again");
        }
    }
}

/// <summary>The holder of a lease.</summary>
internal interface ILeaseHolder
{
    /// <summary>Called when the lease expired and was taken again; throws if another owner had it meanwhile.</summary>
    Task ConfirmAsync(CancellationToken cancellationToken);

    /// <summary>Called when a renewal failed; the next try follows soon.</summary>
    void RenewalFailed(Exception fault);

    /// <summary>Called when another process may hold the lease.</summary>
    Task LostAsync(Exception fault);
}
