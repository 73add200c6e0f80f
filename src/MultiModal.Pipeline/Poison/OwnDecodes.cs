using Azure;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Poison;

/// <summary>
/// What this process is decoding, in a blob of its own. A decode begins once the blob names it; decodes that begin while the blob is written share
/// the next request. One that has ended leaves the blob with the next that begins, or soon after.
/// </summary>
internal sealed class OwnDecodes : IAsyncDisposable, IDisposable
{
    private readonly MediaAccount account;
    private readonly TimeSpan clearAfter;
    private readonly ITimer timer;
    private readonly Lock gate = new();
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly Dictionary<string, OwnDecode> current = new(StringComparer.Ordinal);
    private long changes;
    private long written;
    private bool exists;

    /// <param name="account">The account with the state.</param>
    /// <param name="blobName">Name of the blob.</param>
    /// <param name="clearAfter">Time after which the blob is written if decodes have ended and none has begun since.</param>
    /// <param name="time">Clock for that.</param>
    public OwnDecodes(MediaAccount account, string blobName, TimeSpan clearAfter, TimeProvider time)
    {
        (this.account, BlobName, this.clearAfter) = (account, blobName, clearAfter);
        timer = time.CreateTimer(_ => _ = ClearAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string BlobName { get; }

    /// <summary>Adds a decode, and waits until the blob names it.</summary>
    public async Task AddAsync(OwnDecode decode, CancellationToken cancellationToken)
    {
        long change;
        lock (gate)
        {
            current.Add(decode.Start.Id, decode);
            change = ++changes;
        }

        try
        {
            await WriteAsync(change, cancellationToken);
        }
        catch
        {
            Remove(decode.Start.Id);
            throw;
        }
    }

    /// <summary>Removes a decode that has ended.</summary>
    public void Remove(string id)
    {
        lock (gate)
        {
            current.Remove(id);
            changes++;
        }

        timer.Change(clearAfter, Timeout.InfiniteTimeSpan);
    }

    public async ValueTask DisposeAsync()
    {
        await timer.DisposeAsync();
        await ClearAsync();
    }

    public void Dispose()
    {
        timer.Dispose();
        writing.Dispose();
    }

    private async Task ClearAsync()
    {
        try
        {
            await WriteAsync(Volatile.Read(ref changes), CancellationToken.None);
        }
        catch (Exception e) when (e is RequestFailedException or ObjectDisposedException || StorageFaults.IsTransient(e))
        {
            // What is named too long counts as a crash if this process ends now. The next decode writes the blob again.
        }
    }

    private async Task WriteAsync(long change, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            if (written >= change) return;
            List<OwnDecode> decodes;
            long covered;
            lock (gate) (decodes, covered) = ([.. current.Values], changes);
            if (decodes.Count > 0)
            {
                await account.State.WriteJsonAsync(BlobName, new ProcessDecodes(decodes), metadata: null, cancellationToken);
                exists = true;
            }
            else if (exists)
            {
                await account.State.DeleteBlobIfExistsAsync(BlobName, cancellationToken: cancellationToken);
                exists = false;
            }

            written = covered;
        }
        finally
        {
            writing.Release();
        }
    }
}
