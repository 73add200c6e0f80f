using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Caching;

/// <summary>
/// One caller works and all others wait for its answer, over all processes on the account: a lease on a zero-byte blob under
/// <c>state/locks/</c> marks the working caller. A dead owner's lease runs out after <see cref="LeaseSeconds"/>, and is broken at once
/// where its death is certain. Callers in one process queue among themselves, so that only one of them asks storage. While this process owns the
/// account alone, that queue is enough: its lease on the account keeps all other processes out, and ends with it just as its locks would.
/// </summary>
/// <param name="account">The account with the locks.</param>
/// <param name="cache">The answers.</param>
/// <param name="time">Clock for waits and renewals.</param>
/// <param name="logger">Logger for locks that were lost or broken.</param>
/// <param name="ownership">Whether this process owns the account alone; null if it never does.</param>
public sealed partial class SingleFlight(
    MediaAccount account, ContentCache cache, TimeProvider time, ILogger<SingleFlight> logger, SoleOwnership? ownership = null)
{
    /// <summary>Duration of a lock that is not renewed, in seconds.</summary>
    public const int LeaseSeconds = HeldLease.Seconds;

    /// <summary>Number of tries to keep a paid answer, a minute apart at most: they last longer than a usual storage outage.</summary>
    private const int StoreTries = 12;

    private static readonly Backoff Waits = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2));
    private static readonly Backoff StorePauses = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1));

    private readonly Dictionary<string, Queue> queues = [];

    /// <summary>
    /// Looks for the answer; where there is none, waits until this caller alone may work on it. The returned flight then
    /// holds the lock until it is disposed: without an answer, the next waiter tries itself.
    /// </summary>
    /// <param name="key">The question.</param>
    /// <param name="batch">The batch that asks, which becomes a user of the answer's entry.</param>
    /// <param name="cancellationToken">Token that ends waiting.</param>
    public Task<Flight<T>> BoardAsync<T>(CacheKey key, BatchName batch, CancellationToken cancellationToken) where T : notnull =>
        BoardAsync<T>(key, key, batch, cancellationToken);

    /// <inheritdoc cref="BoardAsync{T}(CacheKey, BatchName, CancellationToken)"/>
    /// <param name="key">The question, as it is put to one engine.</param>
    /// <param name="question">
    /// The question whichever engine answers, of which one caller works on at a time: another engine's answer is under another key.
    /// </param>
    /// <param name="batch">The batch that asks, which becomes a user of the answer's entry.</param>
    /// <param name="cancellationToken">Token that ends waiting.</param>
    public async Task<Flight<T>> BoardAsync<T>(
        CacheKey key, CacheKey question, BatchName batch, CancellationToken cancellationToken) where T : notnull
    {
        var turn = await TakeTurnAsync(question.Name, cancellationToken);
        try
        {
            if (await cache.UseAsync<T>(key, batch, cancellationToken) is { } known) return Found(known, turn, isOfAnother: false);
            if (ownership is not null && await ownership.IsHeldAsync(cancellationToken))
            {
                return new Flight<T>(this, key, question, batch, new Seat(held: null, turn));
            }

            var blob = account.State.GetBlobClient(LockName(question));
            var lease = blob.GetBlobLeaseClient();
            for (var attempt = 1; !await TryAcquireAsync(blob, lease, cancellationToken); attempt++)
            {
                await Task.Delay(Waits.After(attempt), time, cancellationToken);
                if (await cache.UseAsync<T>(key, batch, cancellationToken) is { } shared) return Found(shared, turn, isOfAnother: true);
            }

            var held = new HeldLock(this, question, blob, lease, time);
            try
            {
                // The lock's last owner may have left the answer between that look and our lease.
                if (await cache.UseAsync<T>(key, batch, cancellationToken) is not { } left)
                {
                    return new Flight<T>(this, key, question, batch, new Seat(held, turn));
                }

                await held.DisposeAsync();
                return Found(left, turn, isOfAnother: true);
            }
            catch
            {
                await held.DisposeAsync();
                throw;
            }
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    private static Flight<T> Found<T>(CachedAnswer<T> answer, Turn turn, bool isOfAnother) where T : notnull
    {
        isOfAnother |= turn.IsAfterAnswer;
        turn.Dispose();
        return new Flight<T>(answer, isOfAnother ? CacheOutcome.Shared : CacheOutcome.Hit);
    }

    /// <summary>Keeps an answer that is paid for, even if the caller has given up in the meantime.</summary>
    internal async Task KeepAsync<T>(
        CacheKey key, CacheKey question, BatchName batch, CachedAnswer<T> answer, IReadOnlyList<CacheFile> files,
        CancellationToken cancellationToken) where T : notnull
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                foreach (var file in files) await cache.StoreFileAsync(file.Name, file.Content.ToStream(), file.MediaType, CancellationToken.None);
                await cache.StoreAsync(key, batch, answer, CancellationToken.None);
                lock (queues)
                {
                    if (queues.TryGetValue(question.Name, out var queue)) queue.HasAnswer = true;
                }

                return;
            }
            catch (Exception e) when (StorageFaults.IsTransient(e) && tries < StoreTries && !cancellationToken.IsCancellationRequested)
            {
                LogNotKept(e, key.Name, tries);
                Telemetry.Recovered("answer-kept-later");
            }

            await Task.Delay(StorePauses.After(tries), time, cancellationToken);
        }
    }

    private Task<bool> TryAcquireAsync(BlobClient blob, BlobLeaseClient lease, CancellationToken cancellationToken) => NamedLease.TryTakeAsync(
        blob,
        lease,
        AccountOwner.Here("flight", time.GetUtcNow()),
        BinaryData.Empty,
        dead =>
        {
            LogBroken(blob.Name, dead.ProcessId);
            Telemetry.Recovered("lock-broken");
        },
        cancellationToken);

    private async Task ReleaseAsync(BlobClient blob, string leaseId, CacheKey key)
    {
        try
        {
            // Deletion releases the lock, and leaves no lock behind for each question ever asked.
            await blob.DeleteAsync(conditions: new BlobRequestConditions { LeaseId = leaseId }, cancellationToken: CancellationToken.None);
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            // The lock was deleted by an earlier try whose answer was lost.
        }
        catch (Exception e) when (e is RequestFailedException || StorageFaults.IsTransient(e))
        {
            LogLeaseLost(e, key.Name);
        }
    }

    private static string LockName(CacheKey key) => $"locks/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.Name)))}";

    /// <summary>Callers of one process queue among themselves, so that only one of them asks storage.</summary>
    private async Task<Turn> TakeTurnAsync(string name, CancellationToken cancellationToken)
    {
        Queue? queue;
        lock (queues)
        {
            if (!queues.TryGetValue(name, out queue)) queues.Add(name, queue = new Queue());
            queue.Waiting++;
        }

        try
        {
            await queue.Free.WaitAsync(cancellationToken);
            return new Turn(this, name, queue);
        }
        catch
        {
            Leave(name, queue);
            throw;
        }
    }

    private void Leave(string name, Queue queue)
    {
        lock (queues)
        {
            if (--queue.Waiting > 0) return;
            queues.Remove(name);
            queue.Free.Dispose();
        }
    }

    [LoggerMessage(LogLevel.Warning, "The lease for {CacheKey} was lost. Its answer may be requested twice.")]
    private partial void LogLeaseLost(Exception fault, string cacheKey);

    [LoggerMessage(LogLevel.Information, "Process {ProcessId}, which held {Lock}, has ended. Its lease is broken")]
    private partial void LogBroken(string @lock, int processId);

    [LoggerMessage(LogLevel.Warning, "The answer for {CacheKey} could not be stored (attempt {Try}). It is tried again")]
    private partial void LogNotKept(Exception fault, string cacheKey, int @try);

    private sealed class Queue
    {
        public SemaphoreSlim Free { get; } = new(1, 1);

        public int Waiting { get; set; }

        /// <summary>Whether a caller of this queue has made the answer.</summary>
        public bool HasAnswer { get; set; }
    }

    /// <summary>The first caller in this process's queue for a key.</summary>
    private sealed class Turn(SingleFlight flights, string name, Queue queue) : IDisposable
    {
        /// <summary>Whether the answer was made while this caller waited.</summary>
        public bool IsAfterAnswer => queue.HasAnswer;

        public void Dispose()
        {
            queue.Free.Release();
            flights.Leave(name, queue);
        }
    }

    /// <summary>
    /// The lock on a key, renewed until it is disposed. If it is lost all the same (a process was paused for too long), the worst result is a
    /// second call: the first answer stored is the one that is kept.
    /// </summary>
    private sealed class HeldLock : ILeaseHolder, IAsyncDisposable
    {
        private readonly SingleFlight flights;
        private readonly CacheKey key;
        private readonly BlobClient blob;
        private readonly HeldLease lease;

        public HeldLock(SingleFlight flights, CacheKey key, BlobClient blob, BlobLeaseClient lease, TimeProvider time)
        {
            (this.flights, this.key, this.blob) = (flights, key, blob);
            this.lease = new HeldLease(lease, this, time);
        }

        public Task ConfirmAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void RenewalFailed(Exception fault)
        {
            // The lease lasts long enough for more tries.
        }

        public Task LostAsync(Exception fault)
        {
            flights.LogLeaseLost(fault, key.Name);
            return Task.CompletedTask;
        }

        public async ValueTask DisposeAsync()
        {
            await lease.DisposeAsync();
            await flights.ReleaseAsync(blob, lease.Id, key);
        }
    }

    /// <summary>The resources that a caller holds while it works on an answer.</summary>
    private sealed class Seat(HeldLock? held, Turn turn) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            try
            {
                if (held is not null) await held.DisposeAsync();
            }
            finally
            {
                turn.Dispose();
            }
        }
    }
}

/// <summary>A question under single flight, either with its answer or with the exclusive right to work on it until it is disposed.</summary>
public sealed class Flight<T> : IAsyncDisposable where T : notnull
{
    private readonly SingleFlight? flights;
    private readonly CacheKey key;
    private readonly CacheKey question;
    private readonly BatchName batch;
    private IAsyncDisposable? seat;

    internal Flight(CachedAnswer<T> answer, CacheOutcome cache) => (Answer, Cache) = (answer, cache);

    internal Flight(SingleFlight flights, CacheKey key, CacheKey question, BatchName batch, IAsyncDisposable seat) =>
        (this.flights, this.key, this.question, this.batch, this.seat, Cache) = (flights, key, question, batch, seat, CacheOutcome.Miss);

    /// <summary>The answer where it is known; null where this caller works on it.</summary>
    public CachedAnswer<T>? Answer { get; }

    /// <summary>The origin: a hit, an answer shared from another caller's flight, or a miss.</summary>
    public CacheOutcome Cache { get; }

    /// <summary>
    /// Keeps this caller's answer for all callers. It is tried for minutes, even if the caller has given up: the answer is paid for.
    /// </summary>
    /// <exception cref="InvalidOperationException">This caller does not work on the answer.</exception>
    public Task KeepAsync(CachedAnswer<T> answer, CancellationToken cancellationToken) => KeepAsync(key, answer, [], cancellationToken);

    /// <summary>As the other, with files that belong to the answer and are stored before it.</summary>
    /// <param name="answered">The question, as it was put to the engine that answered.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="files">Its files.</param>
    /// <param name="cancellationToken">Token of the caller.</param>
    /// <exception cref="InvalidOperationException">This caller does not work on the answer.</exception>
    public Task KeepAsync(CacheKey answered, CachedAnswer<T> answer, IReadOnlyList<CacheFile> files, CancellationToken cancellationToken) =>
        flights is not null && seat is not null
            ? flights.KeepAsync(answered, question, batch, answer, files, cancellationToken)
            : throw new InvalidOperationException("Only the flight that works on an answer keeps it.");

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref seat, null) is { } held) await held.DisposeAsync();
    }
}
