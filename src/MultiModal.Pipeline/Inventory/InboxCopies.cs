using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Inventory;

/// <summary>
/// Copies of inbox blobs on the disk of this process, made while an inventory hashed them, so that their steps need not fetch them again. Each is handed
/// out once. When there is no room, nothing more is kept: the copies of the first items, which are needed first, stay.
/// </summary>
internal sealed class InboxCopies(WorkFolder folder, TimeProvider time)
{
    /// <summary>Sum of the sizes of all copies, in bytes.</summary>
    private const long Capacity = 256 << 20;

    /// <summary>Size of the largest blob that is kept, in bytes.</summary>
    private const long LargestBlob = 32 << 20;

    /// <summary>What a file takes at least, in bytes.</summary>
    private const long LeastFile = 4096;

    /// <summary>Age from which a copy may make room for another one: its run was taken over by another process.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);

    private readonly Lock gate = new();
    private readonly Dictionary<(string BlobName, string ETag), Copy> copies = [];
    private long reserved;

    /// <summary>Begins a copy of a blob.</summary>
    /// <returns>The copy to write; null if the blob is too large, or there is no room.</returns>
    public InboxCopy? Begin(string blobName, string etag, long bytes)
    {
        var size = Math.Max(bytes, LeastFile);
        if (bytes > LargestBlob) return null;
        lock (gate)
        {
            if (reserved + size > Capacity) RemoveWhere(copy => time.GetElapsedTime(copy.Since) > Fresh);
            if (reserved + size > Capacity) return null;
            reserved += size;
        }

        try
        {
            return new InboxCopy(this, blobName, etag, size, folder.CreateFile());
        }
        catch (IOException)
        {
            Release(size);
            return null;
        }
    }

    /// <returns>Path of a file that now belongs to the caller; null if there is no copy.</returns>
    public string? Take(string blobName, string etag)
    {
        lock (gate)
        {
            if (!copies.Remove((blobName, etag), out var copy)) return null;
            reserved -= copy.Size;
            return copy.Path;
        }
    }

    /// <summary>Removes what is left of a batch's copies once its run has ended.</summary>
    public void Forget(Func<string, bool> isOfBatch)
    {
        lock (gate) RemoveWhere(isOfBatch);
    }

    internal void Keep(string blobName, string etag, string path, long size)
    {
        lock (gate)
        {
            if (copies.TryAdd((blobName, etag), new Copy(path, size, time.GetTimestamp()))) return;
        }

        Discard(path, size);
    }

    internal void Discard(string path, long size)
    {
        WorkFolder.Remove(path);
        Release(size);
    }

    private void Release(long size)
    {
        lock (gate) reserved -= size;
    }

    private void RemoveWhere(Func<Copy, bool> matches) => RemoveAll([.. copies.Where(c => matches(c.Value)).Select(c => c.Key)]);

    private void RemoveWhere(Func<string, bool> matches) => RemoveAll([.. copies.Keys.Where(k => matches(k.BlobName))]);

    private void RemoveAll(List<(string BlobName, string ETag)> keys)
    {
        foreach (var key in keys)
        {
            if (!copies.Remove(key, out var copy)) continue;
            reserved -= copy.Size;
            WorkFolder.Remove(copy.Path);
        }
    }

    private sealed record Copy(string Path, long Size, long Since);
}

/// <summary>A copy that is being written. Unless it is kept, disposing it removes the file.</summary>
internal sealed class InboxCopy(InboxCopies copies, string blobName, string etag, long size, FileStream file) : IAsyncDisposable
{
    private bool complete;
    private bool failed;

    /// <summary>Appends to the copy. Where the disk is full, the copy is given up, and the blob is fetched again when it is needed.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (failed) return;
        try
        {
            await file.WriteAsync(bytes, cancellationToken);
        }
        catch (IOException)
        {
            failed = true;
        }
    }

    /// <summary>Keeps the copy, which now has the whole content.</summary>
    public async Task KeepAsync()
    {
        if (failed) return;
        await file.DisposeAsync();
        complete = true;
        copies.Keep(blobName, etag, file.Name, size);
    }

    public async ValueTask DisposeAsync()
    {
        if (complete) return;
        await file.DisposeAsync();
        copies.Discard(file.Name, size);
    }
}
