using System.Net;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Caching;

/// <summary>
/// One caller works, all others wait for its answer, over all processes on the account: a lease on a zero-byte blob under
/// <c>state/locks/</c> says who works. A dead owner's lease runs out after <see cref="LeaseSeconds"/>; callers in one
/// process queue among themselves, so that only one of them asks storage.
/// </summary>
public sealed partial class SingleFlight(MediaAccount account, ContentCache cache, TimeProvider time, ILogger<SingleFlight> logger)
{
    /// <summary>Azure's longest lease that is not infinite.</summary>
    public const int LeaseSeconds = 60;

    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(LeaseSeconds / 3);
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, Queue> queues = [];

    /// <param name="key">The question.</param>
    /// <param name="work">Asks the engine; null for a failure, which is not cached: the next waiter tries itself.</param>
    /// <param name="cancellationToken">Ends waiting and work.</param>
    public async Task<Flight<T>> Run<T>(CacheKey key, Func<CancellationToken, Task<CachedAnswer<T>?>> work, CancellationToken cancellationToken) where T : notnull
    {
        ArgumentNullException.ThrowIfNull(work);
        if (await cache.Find<T>(key, cancellationToken) is { } known) return new Flight<T>(known, CacheOutcome.Hit);

        var queue = Join(key.Name);
        try
        {
            await queue.Turn.WaitAsync(cancellationToken);
            try
            {
                return await RunAlone(key, work, cancellationToken);
            }
            finally
            {
                queue.Turn.Release();
            }
        }
        finally
        {
            Leave(key.Name, queue);
        }
    }

    private async Task<Flight<T>> RunAlone<T>(CacheKey key, Func<CancellationToken, Task<CachedAnswer<T>?>> work, CancellationToken cancellationToken) where T : notnull
    {
        var blob = account.State.GetBlobClient(LockName(key));
        var lease = blob.GetBlobLeaseClient();
        for (var wait = FirstWait; ; wait = TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, LongestWait.Ticks)))
        {
            // Whoever was before us, here or elsewhere, may have left the answer.
            if (await cache.Find<T>(key, cancellationToken) is { } shared) return new Flight<T>(shared, CacheOutcome.Shared);
            if (await TryAcquire(blob, lease, cancellationToken)) break;
            await Task.Delay(wait, time, cancellationToken);
        }

        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var renewal = Renew(lease, key, done.Token);
        try
        {
            if (await cache.Find<T>(key, cancellationToken) is { } shared) return new Flight<T>(shared, CacheOutcome.Shared);
            var answer = await work(cancellationToken);

            // An answer that is paid for is kept even if the caller gave up meanwhile.
            if (answer is not null) await cache.Store(key, answer, CancellationToken.None);
            return new Flight<T>(answer, CacheOutcome.Miss);
        }
        finally
        {
            await done.CancelAsync();
            await renewal;
            await Release(blob, lease, key);
        }
    }

    private static async Task<bool> TryAcquire(BlobClient blob, BlobLeaseClient lease, CancellationToken cancellationToken)
    {
        for (var created = false; ; created = true)
        {
            try
            {
                await lease.AcquireAsync(TimeSpan.FromSeconds(LeaseSeconds), cancellationToken: cancellationToken);
                return true;
            }
            catch (RequestFailedException e) when (e.IsNotFound() && !created)
            {
                await CreateLock(blob, cancellationToken);
            }
            catch (RequestFailedException e) when (e.IsNotFound() || e.Status == (int)HttpStatusCode.Conflict)
            {
                return false;
            }
        }
    }

    private static async Task CreateLock(BlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            await blob.UploadAsync(BinaryData.Empty, new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } }, cancellationToken);
        }
        catch (RequestFailedException e) when (e.IsConditionNotMet() || e.Status == (int)HttpStatusCode.Conflict)
        {
            // Another caller created it first, and may hold its lease already.
        }
    }

    /// <summary>Renews until cancelled. A lease that is lost all the same (a process paused past it) costs at worst a second
    /// call: the first answer stored is the one that is kept.</summary>
    private async Task Renew(BlobLeaseClient lease, CacheKey key, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await Task.Delay(RenewEvery, time, cancellationToken);
                await lease.RenewAsync(cancellationToken: cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (RequestFailedException e) when (!StorageFaults.IsTransient(e))
            {
                LogLeaseLost(e, key.Name);
                return;
            }
            catch (Exception e) when (StorageFaults.IsTransient(e))
            {
                // The lease lasts for two more tries.
            }
        }
    }

    private async Task Release(BlobClient blob, BlobLeaseClient lease, CacheKey key)
    {
        try
        {
            // Deleting is releasing, and leaves no lock behind for each question ever asked.
            await blob.DeleteAsync(conditions: new BlobRequestConditions { LeaseId = lease.LeaseId }, cancellationToken: CancellationToken.None);
        }
        catch (Exception e) when (e is RequestFailedException || StorageFaults.IsTransient(e))
        {
            LogLeaseLost(e, key.Name);
        }
    }

    private static string LockName(CacheKey key) => $"locks/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.Name)))}";

    private Queue Join(string name)
    {
        lock (queues)
        {
            if (!queues.TryGetValue(name, out var queue)) queues.Add(name, queue = new Queue());
            queue.Waiting++;
            return queue;
        }
    }

    private void Leave(string name, Queue queue)
    {
        lock (queues)
        {
            if (--queue.Waiting > 0) return;
            queues.Remove(name);
            queue.Turn.Dispose();
        }
    }

    [LoggerMessage(LogLevel.Warning, "The lease of {CacheKey} was lost; its answer may be asked for twice.")]
    private partial void LogLeaseLost(Exception fault, string cacheKey);

    private sealed class Queue
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public int Waiting { get; set; }
    }
}
