using System.Net;
using Azure;
using Azure.Storage.Blobs.Specialized;

namespace MultiModal.Pipeline.Storage;

/// <summary>
/// A lease that this process holds on a blob, renewed until it is disposed. What ran out while the process was paused is taken
/// again, if nobody had it meanwhile.
/// </summary>
internal sealed class HeldLease : IAsyncDisposable
{
    /// <summary>Azure's longest lease that is not infinite (Lease Blob, REST reference).</summary>
    public const int Seconds = 60;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(Seconds);
    private static readonly TimeSpan RenewEvery = Length / 4;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource done = new();
    private readonly BlobLeaseClient lease;
    private readonly ILeaseHolder holder;
    private readonly TimeProvider time;
    private readonly Task renewal;

    /// <param name="lease">Taken just now, for <see cref="Seconds"/>.</param>
    /// <param name="holder">Told how renewing goes.</param>
    /// <param name="time">Times renewals.</param>
    public HeldLease(BlobLeaseClient lease, ILeaseHolder holder, TimeProvider time)
    {
        (this.lease, this.holder, this.time) = (lease, holder, time);
        renewal = RenewUntilDoneAsync();
    }

    public string Id => lease.LeaseId;

    /// <summary>Takes a lease that nobody holds.</summary>
    /// <exception cref="RequestFailedException">409 where somebody holds it, 412 where a condition does not hold.</exception>
    public static Task TakeAsync(BlobLeaseClient lease, RequestConditions? conditions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        return lease.AcquireAsync(Length, conditions, cancellationToken);
    }

    /// <summary>
    /// Breaks the lease of an owner who has died, on the version of the blob that names this owner and no other: so nobody breaks
    /// the lease of one who was quicker.
    /// </summary>
    /// <returns>False where somebody else broke or took it.</returns>
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

    /// <summary>Gives the lease back, for the next owner to take at once.</summary>
    public Task ReleaseAsync() => lease.ReleaseAsync(cancellationToken: CancellationToken.None);

    /// <summary>Stops renewing. The lease itself stays until it is released or runs out.</summary>
    public async ValueTask DisposeAsync()
    {
        await done.CancelAsync();
        await renewal;
        done.Dispose();
    }

    private async Task RenewUntilDoneAsync()
    {
        var (renewed, pause) = (time.GetTimestamp(), RenewEvery);
        try
        {
            while (true)
            {
                await Task.Delay(pause, time, done.Token);
                try
                {
                    // A try must not outlast what it is to save.
                    using var limit = new CancellationTokenSource(RenewEvery, time);
                    using var either = CancellationTokenSource.CreateLinkedTokenSource(done.Token, limit.Token);
                    await RenewOrRetakeAsync(either.Token);
                    (renewed, pause) = (time.GetTimestamp(), RenewEvery);
                }
                catch (Exception e) when ((e is OperationCanceledException || StorageFaults.IsTransient(e)) && !done.IsCancellationRequested && time.GetElapsedTime(renewed) < Length)
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
            // Disposed.
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

/// <summary>Who holds a lease.</summary>
internal interface ILeaseHolder
{
    /// <summary>The lease ran out and was taken again: throws where another owner had it meanwhile.</summary>
    Task ConfirmAsync(CancellationToken cancellationToken);

    /// <summary>A try to renew failed; the next one follows soon.</summary>
    void RenewalFailed(Exception fault);

    /// <summary>Somebody else may hold the lease now.</summary>
    Task LostAsync(Exception fault);
}
