using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Poison;

/// <summary>
/// Protects hosts from an input whose decoding ends the process: it must not end every process that resumes its batch. Each process keeps a blob,
/// <c>state/decodes/…</c>, that names what it is decoding, written before a decode begins. If the process is gone, all of that comes under
/// suspicion (<c>state/starts/…</c>, a mark for each content): from then on it is decoded alone, so that only the faulty content gathers starts, and
/// after
/// <see cref="MaxStarts"/> it is not decoded any more. The key contains the versions of step and engine, so that another decoder tries anew.
/// </summary>
internal sealed partial class DecodeMarks(
    MediaAccount account, IOptions<PipelineOptions> options, TimeProvider time, ILogger<DecodeMarks> logger, SoleOwnership? ownership = null)
    : IAsyncDisposable, IDisposable
{
    public const int MaxStarts = 3;

    private const string SuspicionFolder = "starts/";
    private const string ProcessFolder = "decodes/";

    /// <summary>Time after which a process looks again for others that have ended, unless it owns the account alone.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Longest time for which the last decode that has ended stays in the blob, if no other one is announced.</summary>
    private static readonly TimeSpan ClearAfter = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Time after which a start counts as ended if its process can't be checked (on another machine, or from before a restart of this
    /// one). No decode takes longer than its step may.
    /// </summary>
    private readonly TimeSpan longestDecode = options.Value.StepTimeout;

    private readonly DecodeGate gate = new();
    private readonly OwnDecodes own = new(account, $"{ProcessFolder}{UniqueId.New():N}.json", ClearAfter, time);
    private readonly SemaphoreSlim looking = new(1, 1);
    private HashSet<string> suspicious = new(StringComparer.Ordinal);
    private long? lookedAt;

    /// <summary>
    /// Announces a decode that begins soon. It is marked when it begins, or before that when another one does, which then also comes under suspicion
    /// if the process ends: then each of them is decoded alone.
    /// </summary>
    /// <returns>The decode, to be disposed when it has ended, or <c>step-crashed</c>.</returns>
    public async Task<Outcome<MarkedDecode>> AnnounceAsync(CacheKey key, CancellationToken cancellationToken)
    {
        var name = $"{SuspicionFolder}{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.Name)))}.json";
        await LookAsync(cancellationToken);
        var crashes = await CrashesAsync(name, cancellationToken);
        var place = crashes > 0 ? await gate.EnterAloneAsync(cancellationToken) : await gate.EnterWithOthersAsync(cancellationToken);
        try
        {
            // Another process may have tried it while this one waited for its turn.
            if (crashes > 0) crashes = await CrashesAsync(name, cancellationToken);
            if (crashes >= MaxStarts)
            {
                LogRefused(key.Name, crashes);
                Telemetry.Recovered("decode-refused");
                place.Dispose();
                return new Failure(FailureCodes.StepCrashed, string.Create(
                    CultureInfo.InvariantCulture,
                    $"Decoding this file has ended the process {crashes} times, so it is not tried again. Export it anew, or drop it in another format."));
            }

            var start = new DecodeStart(UniqueId.New().ToString("N"), AccountOwner.Here("decode", time.GetUtcNow()));
            var announced = own.Add(new OwnDecode(name, start));
            if (crashes > 0)
            {
                LogSuspect(key.Name, crashes);
                Telemetry.Recovered("decode-suspected");
            }

            return new MarkedDecode(token => own.WriteAsync(announced, token), () => EndAsync(name, start, place, wasSuspicious: crashes > 0));
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await own.DisposeAsync();
        Dispose();
    }

    public void Dispose()
    {
        own.Dispose();
        gate.Dispose();
        looking.Dispose();
    }

    private async ValueTask EndAsync(string name, DecodeStart start, IDisposable place, bool wasSuspicious)
    {
        own.Remove(start.Id);
        place.Dispose();
        if (!wasSuspicious) return;
        try
        {
            // The decode ended, so the content is harmless, and marks of earlier processes are removed.
            while (await ReadAsync(name, CancellationToken.None) is { } mark)
            {
                var others = mark.Value.Starts.Where(s => !IsOver(s)).ToList();
                if (others.Count > 0
                    ? await account.State.TryWriteJsonAsync(name, new DecodeMark(others), mark.ETag, CancellationToken.None)
                    : await TryDeleteAsync(name, mark.ETag)) return;
            }
        }
        catch (Exception e) when (e is RequestFailedException || StorageFaults.IsTransient(e))
        {
            LogNotRemoved(e, name);
        }
    }

    /// <summary>
    /// Lists what is under suspicion, after the decodes of processes that have ended were put there. A process that owns the account alone looks
    /// once, when it begins its first decode.
    /// </summary>
    private async Task LookAsync(CancellationToken cancellationToken)
    {
        await looking.WaitAsync(cancellationToken);
        try
        {
            if (lookedAt is { } at
                && (time.GetElapsedTime(at) < LookEvery
                    || (ownership is not null && await ownership.IsHeldAsync(cancellationToken)))) return;
            var now = time.GetTimestamp();
            await foreach (var blob in account.State.GetBlobsAsync(new GetBlobsOptions { Prefix = ProcessFolder }, cancellationToken))
            {
                if (blob.Name != own.BlobName) await SuspectAsync(blob.Name, cancellationToken);
            }

            var names = new HashSet<string>(StringComparer.Ordinal);
            await foreach (var blob in account.State.GetBlobsAsync(
                new GetBlobsOptions { Prefix = SuspicionFolder }, cancellationToken)) names.Add(blob.Name);
            (suspicious, lookedAt) = (names, now);
        }
        finally
        {
            looking.Release();
        }
    }

    /// <summary>Puts under suspicion what a process was decoding when it ended. Doing so again, or in two processes at once, changes
    /// nothing.</summary>
    private async Task SuspectAsync(string process, CancellationToken cancellationToken)
    {
        if (await account.State.ReadJsonAsync<ProcessDecodes>(process, cancellationToken) is not { } left
            || !left.Value.Decodes.All(d => IsOver(d.Start))) return;
        foreach (var decode in left.Value.Decodes)
        {
            while (true)
            {
                var mark = await ReadAsync(decode.Mark, cancellationToken);
                var starts = (mark?.Value.Starts ?? []).Append(decode.Start).DistinctBy(s => s.Id).ToList();
                if (await account.State.TryWriteJsonAsync(decode.Mark, new DecodeMark(starts), mark?.ETag, cancellationToken)) break;
            }
        }

        await TryDeleteAsync(process, left.ETag);
    }

    private async Task<int> CrashesAsync(string name, CancellationToken cancellationToken) =>
        suspicious.Contains(name) ? (await ReadAsync(name, cancellationToken))?.Value.Starts.Count(IsOver) ?? 0 : 0;

    private Task<JsonBlob<DecodeMark>?> ReadAsync(string name, CancellationToken cancellationToken) =>
        account.State.ReadJsonAsync<DecodeMark>(name, cancellationToken);

    private async Task<bool> TryDeleteAsync(string name, ETag etag)
    {
        try
        {
            await account.State.DeleteBlobIfExistsAsync(name, DeleteSnapshotsOption.None, new BlobRequestConditions { IfMatch = etag });
            return true;
        }
        catch (RequestFailedException e) when (e.IsConditionNotMet())
        {
            return false;
        }
    }

    private bool IsOver(DecodeStart start) => start.Owner.IsDead || (!start.Owner.IsHere && time.GetUtcNow() - start.Owner.Since > longestDecode);

    [LoggerMessage(LogLevel.Warning, "{CacheKey}: a process ended while it decoded this ({Crashes} so far). It is now decoded alone")]
    private partial void LogSuspect(string cacheKey, int crashes);

    [LoggerMessage(LogLevel.Error, "{CacheKey}: decoding this ended {Crashes} processes. It is not tried again")]
    private partial void LogRefused(string cacheKey, int crashes);

    [LoggerMessage(LogLevel.Warning, "The start mark {Mark} was not removed. It counts as a crash once this process has ended")]
    private partial void LogNotRemoved(Exception fault, string mark);
}

/// <summary>Decodes of one content by one step that had begun and not ended when their process did. The mark is deleted once one has ended.</summary>
internal sealed record DecodeMark(IReadOnlyList<DecodeStart> Starts);

/// <summary>A decode that has begun and not ended, as recorded in its mark.</summary>
/// <param name="Id">Unique id of this start.</param>
/// <param name="Owner">The process that began it.</param>
internal sealed record DecodeStart(string Id, AccountOwner Owner);

/// <summary>The blob of a process: what it is decoding.</summary>
internal sealed record ProcessDecodes(IReadOnlyList<OwnDecode> Decodes);

/// <summary>A decode under way, as its process notes it.</summary>
/// <param name="Mark">Name of the mark that the content gets if the process ends.</param>
/// <param name="Start">The start.</param>
internal sealed record OwnDecode(string Mark, DecodeStart Start);

/// <summary>A decode that was announced; disposing it records that it has ended, whatever its outcome.</summary>
/// <param name="begin">Makes sure that storage names the decode.</param>
/// <param name="end">Records that it has ended.</param>
internal sealed class MarkedDecode(Func<CancellationToken, Task> begin, Func<ValueTask> end) : IAsyncDisposable
{
    /// <summary>Marks the decode as begun: it may end the process from now on.</summary>
    public Task BeginAsync(CancellationToken cancellationToken) => begin(cancellationToken);

    public ValueTask DisposeAsync() => end();
}
