using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Inventory;

/// <summary>
/// Copies of inbox blobs on the disk of this process, made while it uploaded them or an inventory hashed them, so that they need not be fetched
/// again. Each is handed out once. When there is no room, nothing more is kept: the copies of the first items, which are needed first, stay.
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
    public InboxCopy? Begin(string blobName, long bytes)
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
            return new InboxCopy(this, blobName, size, folder.CreateFile());
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
            if (!copies.Remove((blobName, Unquoted(etag)), out var copy)) return null;
            reserved -= copy.Size;
            return copy.Path;
        }
    }

    /// <summary>Opens a copy without handing it out.</summary>
    /// <returns>A stream over the copy; null if there is none.</returns>
    public FileStream? Open(string blobName, string etag)
    {
        lock (gate)
        {
            return copies.TryGetValue((blobName, Unquoted(etag)), out var copy)
                ? new FileStream(copy.Path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, useAsync: true)
                : null;
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
            if (copies.TryAdd((blobName, Unquoted(etag)), new Copy(path, size, time.GetTimestamp()))) return;
        }

        Discard(path, size);
    }

    internal void Discard(string path, long size)
    {
        WorkFolder.Remove(path);
        Release(size);
    }

    /// <summary>Listings show ETags without quotes; headers show them with quotes.</summary>
    private static string Unquoted(string etag) => etag.Trim('"');

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
public sealed class InboxCopy : IAsyncDisposable
{
    private readonly InboxCopies copies;
    private readonly string blobName;
    private readonly long size;
    private readonly FileStream file;
    private bool complete;
    private bool failed;

    internal InboxCopy(InboxCopies copies, string blobName, long size, FileStream file) =>
        (this.copies, this.blobName, this.size, this.file) = (copies, blobName, size, file);

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

    /// <summary>Copies a file to the copy, and opens the copy, which nobody changes while it is read.</summary>
    /// <returns>A stream over the copy; null where the file has grown too large to be kept, or the disk is full.</returns>
    public async Task<Stream?> FillAsync(Stream original, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(original);
        var buffer = new byte[128 << 10];
        int read;
        while (!failed && (read = await original.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (file.Position + read > size) return null;
            await WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        if (failed) return null;
        file.Position = 0;
        return file;
    }

    /// <summary>Keeps the copy, which now has the whole content of this version of the blob.</summary>
    public async Task KeepAsync(string etag)
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
