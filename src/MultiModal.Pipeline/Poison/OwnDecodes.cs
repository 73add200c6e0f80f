using Azure;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Poison;

/// <summary>
/// What this process is decoding and is about to decode, in a blob of its own. A decode begins once the blob names it; what was added by then shares
/// the request. One that has ended leaves the blob with the next request, or soon after nothing is left to decode.
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
    /// <param name="clearAfter">Time after which the blob is deleted if all decodes have ended and none was added since.</param>
    /// <param name="time">Clock for that.</param>
    public OwnDecodes(MediaAccount account, string blobName, TimeSpan clearAfter, TimeProvider time)
    {
        (this.account, BlobName, this.clearAfter) = (account, blobName, clearAfter);
        timer = time.CreateTimer(_ => _ = ClearAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string BlobName { get; }

    /// <summary>Adds a decode, which the blob names with the next request.</summary>
    /// <returns>The change that <see cref="WriteAsync"/> has to cover before the decode begins.</returns>
    public long Add(OwnDecode decode)
    {
        lock (gate)
        {
            current.Add(decode.Start.Id, decode);
            return ++changes;
        }
    }

    /// <summary>Removes a decode that has ended.</summary>
    public void Remove(string id)
    {
        lock (gate)
        {
            current.Remove(id);
            changes++;

            // Others under way will be followed by more, or by the end of the last one.
            if (current.Count > 0) return;
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
            long change;
            lock (gate)
            {
                if (current.Count > 0) return;
                change = changes;
            }

            await WriteAsync(change, CancellationToken.None);
        }
        catch (Exception e) when (e is RequestFailedException or ObjectDisposedException || StorageFaults.IsTransient(e))
        {
            // What is named too long counts as a crash if this process ends now. The next decode writes the blob again.
        }
    }

    /// <summary>Makes sure that the blob covers a change.</summary>
    public async Task WriteAsync(long change, CancellationToken cancellationToken)
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
