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
/// Protects hosts from an input whose decoding ends the process: it must not end every process that resumes its batch. A mark,
/// <c>state/starts/…</c>, is written before a decode and removed after it. If the process of a mark is gone, the content comes under
/// suspicion: from then on it is decoded alone, so that only the faulty content gathers marks, and after <see cref="MaxStarts"/> it is
/// not decoded any more. The key contains the versions of step and engine, so that another decoder tries anew.
/// </summary>
internal sealed partial class DecodeMarks(MediaAccount account, IOptions<PipelineOptions> options, TimeProvider time, ILogger<DecodeMarks> logger)
    : IDisposable
{
    public const int MaxStarts = 3;

    /// <summary>
    /// Time after which a start counts as ended if its process can't be checked (on another machine, or from before a restart of this
    /// one). No decode takes longer than its step may.
    /// </summary>
    private readonly TimeSpan longestDecode = options.Value.StepTimeout;

    private readonly DecodeGate gate = new();

    /// <returns>The decode, to be disposed when it has ended, or <c>step-crashed</c>.</returns>
    public async Task<Outcome<MarkedDecode>> BeginAsync(CacheKey key, CancellationToken cancellationToken)
    {
        var name = $"starts/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.Name)))}.json";
        var suspect = Crashes(await ReadAsync(name, cancellationToken)) > 0;
        var place = suspect ? await gate.EnterAloneAsync(cancellationToken) : await gate.EnterWithOthersAsync(cancellationToken);
        try
        {
            var start = new DecodeStart(UniqueId.New().ToString("N"), AccountOwner.Here("decode", time.GetUtcNow()));
            while (true)
            {
                var mark = await ReadAsync(name, cancellationToken);
                var crashes = Crashes(mark);
                if (crashes >= MaxStarts)
                {
                    LogRefused(key.Name, crashes);
                    Telemetry.Recovered("decode-refused");
                    place.Dispose();
                    return new Failure(FailureCodes.StepCrashed, string.Create(
                        CultureInfo.InvariantCulture,
                        $"Decoding this file has ended the process {crashes} times, so it is not tried again. Export it anew, or drop it in another format."));
                }

                if (!await account.State.TryWriteJsonAsync(
                    name, new DecodeMark([.. mark?.Value.Starts ?? [], start]), mark?.ETag, cancellationToken)) continue;
                if (crashes > 0)
                {
                    LogSuspect(key.Name, crashes);
                    Telemetry.Recovered("decode-suspected");
                }

                return new MarkedDecode(() => EndAsync(name, start, place));
            }
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    public void Dispose() => gate.Dispose();

    private async ValueTask EndAsync(string name, DecodeStart start, IDisposable place)
    {
        place.Dispose();
        try
        {
            // The decode ended, so the content is harmless, and marks of earlier processes are removed too.
            while (await ReadAsync(name, CancellationToken.None) is { } mark)
            {
                var others = mark.Value.Starts.Where(s => s.Id != start.Id && !IsOver(s)).ToList();
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

    private int Crashes(JsonBlob<DecodeMark>? mark) => mark?.Value.Starts.Count(IsOver) ?? 0;

    private bool IsOver(DecodeStart start) => start.Owner.IsDead || (!start.Owner.IsHere && time.GetUtcNow() - start.Owner.Since > longestDecode);

    [LoggerMessage(LogLevel.Warning, "{CacheKey}: a process ended while it decoded this ({Crashes} so far). It is now decoded alone")]
    private partial void LogSuspect(string cacheKey, int crashes);

    [LoggerMessage(LogLevel.Error, "{CacheKey}: decoding this ended {Crashes} processes. It is not tried again")]
    private partial void LogRefused(string cacheKey, int crashes);

    [LoggerMessage(LogLevel.Warning, "The start mark {Mark} was not removed. It counts as a crash once this process has ended")]
    private partial void LogNotRemoved(Exception fault, string mark);
}

/// <summary>All decodes of one content by one step that have begun and not ended. The mark is deleted once there are none.</summary>
internal sealed record DecodeMark(IReadOnlyList<DecodeStart> Starts);

/// <summary>A decode that has begun and not ended, as recorded in its mark.</summary>
/// <param name="Id">Unique id of this start.</param>
/// <param name="Owner">The process that began it.</param>
internal sealed record DecodeStart(string Id, AccountOwner Owner);

/// <summary>A decode under way; disposing it records that it has ended, whatever its outcome.</summary>
internal sealed class MarkedDecode(Func<ValueTask> end) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => end();
}
