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
/// <c>state/locks/</c> says who works. A dead owner's lease runs out after <see cref="LeaseSeconds"/>, and is broken at once
/// where its death is certain; callers in one process queue among themselves, so that only one of them asks storage.
/// </summary>
public sealed partial class SingleFlight(MediaAccount account, ContentCache cache, TimeProvider time, ILogger<SingleFlight> logger)
{
    /// <summary>Azure's longest lease that is not infinite.</summary>
    public const int LeaseSeconds = 60;

    /// <summary>Metadata of a lock: who holds its lease.</summary>
    private const string OwnerMetadata = "owner";

    /// <summary>Tries to keep a paid answer, a minute apart at most: longer than storage is away at a time.</summary>
    private const int StoreTries = 12;

    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(LeaseSeconds / 3);
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, Queue> queues = [];

    /// <param name="key">The question.</param>
    /// <param name="work">Asks the engine; null for a failure, which is not cached: the next waiter tries itself.</param>
    /// <param name="cancellationToken">Ends waiting and work.</param>
    public async Task<Flight<T>> RunAsync<T>(CacheKey key, Func<CancellationToken, Task<CachedAnswer<T>?>> work, CancellationToken cancellationToken) where T : notnull
    {
        ArgumentNullException.ThrowIfNull(work);
        if (await cache.FindAsync<T>(key, cancellationToken) is { } known) return new Flight<T>(known, CacheOutcome.Hit);

        var queue = Join(key.Name);
        try
        {
            await queue.Turn.WaitAsync(cancellationToken);
            try
            {
                return await RunAloneAsync(key, work, cancellationToken);
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

    private async Task<Flight<T>> RunAloneAsync<T>(CacheKey key, Func<CancellationToken, Task<CachedAnswer<T>?>> work, CancellationToken cancellationToken) where T : notnull
    {
        var blob = account.State.GetBlobClient(LockName(key));
        var lease = blob.GetBlobLeaseClient();
        for (var wait = FirstWait; ; wait = TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, LongestWait.Ticks)))
        {
            // Whoever was before us, here or elsewhere, may have left the answer.
            if (await cache.FindAsync<T>(key, cancellationToken) is { } shared) return new Flight<T>(shared, CacheOutcome.Shared);
            if (await TryAcquireAsync(blob, lease, cancellationToken)) break;
            await Task.Delay(wait, time, cancellationToken);
        }

        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var renewal = RenewAsync(lease, key, done.Token);
        try
        {
            if (await cache.FindAsync<T>(key, cancellationToken) is { } shared) return new Flight<T>(shared, CacheOutcome.Shared);
            var answer = await work(cancellationToken);

            // An answer that is paid for is kept even if the caller gave up meanwhile.
            if (answer is not null) await KeepAsync(key, answer, cancellationToken);
            return new Flight<T>(answer, CacheOutcome.Miss);
        }
        finally
        {
            await done.CancelAsync();
            await renewal;
            await ReleaseAsync(blob, lease, key);
        }
    }

    private async Task KeepAsync<T>(CacheKey key, CachedAnswer<T> answer, CancellationToken cancellationToken) where T : notnull
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await cache.StoreAsync(key, answer, CancellationToken.None);
                return;
            }
            catch (Exception e) when (StorageFaults.IsTransient(e) && tries < StoreTries && !cancellationToken.IsCancellationRequested)
            {
                LogNotKept(e, key.Name, tries);
                Telemetry.Recovered("answer-kept-later");
            }

            await Task.Delay(TimeSpan.FromSeconds(Math.Min(60, 1 << tries)), time, cancellationToken);
        }
    }

    /// <summary>
    /// The lock names its owner before it counts as held, and a dead owner's lease is broken only on the version of the lock that
    /// named it: so nobody breaks the lease of one who was quicker.
    /// </summary>
    private async Task<bool> TryAcquireAsync(BlobClient blob, BlobLeaseClient lease, CancellationToken cancellationToken)
    {
        var owner = new Dictionary<string, string> { [OwnerMetadata] = AccountOwner.Here("flight", time.GetUtcNow()).ToToken() };
        try
        {
            var created = await CreateLockAsync(blob, owner, cancellationToken);
            var asCreated = created is { } etag ? new RequestConditions { IfMatch = etag } : null;
            await lease.AcquireAsync(TimeSpan.FromSeconds(LeaseSeconds), asCreated, cancellationToken);
            if (created is null) await blob.SetMetadataAsync(owner, new BlobRequestConditions { LeaseId = lease.LeaseId }, cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is (int)HttpStatusCode.NotFound or (int)HttpStatusCode.Conflict or (int)HttpStatusCode.PreconditionFailed)
        {
            if (e.Status == (int)HttpStatusCode.Conflict) await BreakIfDeadAsync(blob, lease, cancellationToken);
            return false;
        }
    }

    /// <returns>Null where another caller created it first, and may hold its lease already.</returns>
    private static async Task<ETag?> CreateLockAsync(BlobClient blob, Dictionary<string, string> owner, CancellationToken cancellationToken)
    {
        try
        {
            var options = new BlobUploadOptions { Metadata = owner, Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } };
            return (await blob.UploadAsync(BinaryData.Empty, options, cancellationToken)).Value.ETag;
        }
        catch (RequestFailedException e) when (e.IsConditionNotMet() || e.Status == (int)HttpStatusCode.Conflict)
        {
            return null;
        }
    }

    private async Task BreakIfDeadAsync(BlobClient blob, BlobLeaseClient lease, CancellationToken cancellationToken)
    {
        try
        {
            var held = (await blob.GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
            if (held.LeaseState != LeaseState.Leased || !held.Metadata.TryGetValue(OwnerMetadata, out var token) || AccountOwner.FromToken(token) is not { IsDead: true } owner) return;
            await lease.BreakAsync(TimeSpan.Zero, new RequestConditions { IfMatch = held.ETag }, cancellationToken);
            LogBroken(blob.Name, owner.ProcessId);
            Telemetry.Recovered("lock-broken");
        }
        catch (RequestFailedException e) when (e.Status is (int)HttpStatusCode.NotFound or (int)HttpStatusCode.Conflict or (int)HttpStatusCode.PreconditionFailed)
        {
            // Released, or taken by somebody quicker: asking again tells.
        }
    }

    /// <summary>Renews until cancelled. A lease that is lost all the same (a process paused past it) costs at worst a second
    /// call: the first answer stored is the one that is kept.</summary>
    private async Task RenewAsync(BlobLeaseClient lease, CacheKey key, CancellationToken cancellationToken)
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
                // What nobody took meanwhile is taken again by the same id.
                if (await TryAgainAsync(lease, cancellationToken)) continue;
                LogLeaseLost(e, key.Name);
                return;
            }
            catch (Exception e) when (StorageFaults.IsTransient(e))
            {
                // The lease lasts for two more tries.
            }
        }
    }

    private static async Task<bool> TryAgainAsync(BlobLeaseClient lease, CancellationToken cancellationToken)
    {
        try
        {
            await lease.AcquireAsync(TimeSpan.FromSeconds(LeaseSeconds), cancellationToken: cancellationToken);
            return true;
        }
        catch (Exception e) when (e is RequestFailedException or OperationCanceledException || StorageFaults.IsTransient(e))
        {
            return false;
        }
    }

    private async Task ReleaseAsync(BlobClient blob, BlobLeaseClient lease, CacheKey key)
    {
        try
        {
            // Deleting is releasing, and leaves no lock behind for each question ever asked.
            await blob.DeleteAsync(conditions: new BlobRequestConditions { LeaseId = lease.LeaseId }, cancellationToken: CancellationToken.None);
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            // Gone: by an earlier try whose answer was lost.
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

    [LoggerMessage(LogLevel.Information, "Process {ProcessId}, which held {Lock}, has ended: its lease is broken")]
    private partial void LogBroken(string @lock, int processId);

    [LoggerMessage(LogLevel.Warning, "The answer to {CacheKey} could not be stored (try {Try}); trying again")]
    private partial void LogNotKept(Exception fault, string cacheKey, int @try);

    private sealed class Queue
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public int Waiting { get; set; }
    }
}

/// <summary>How a question was answered: from the cache, by another caller's flight, or by this caller's own work.</summary>
/// <param name="Answer">The answer; null where this caller's own work failed.</param>
/// <param name="Cache">Hit, shared or miss.</param>
public sealed record Flight<T>(CachedAnswer<T>? Answer, CacheOutcome Cache) where T : notnull;
