using System.Security.Cryptography;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Web.Links;

/// <summary>
/// The key that signs links. It is made once for an account and kept in its container for state, so that every instance of a host knows it and a
/// restart changes nothing. Whoever can read that container can read everything else too. To replace the key, delete its blob: all links end with it.
/// </summary>
/// <param name="account">The account.</param>
/// <param name="time">Clock that bounds how often a replaced key is looked for.</param>
public sealed class LinkKey(MediaAccount account, TimeProvider time)
{
    /// <summary>Name of the blob with the key.</summary>
    internal const string BlobName = "links/key.json";

    private const int KeyBytes = 32;

    /// <summary>How often the key is read again at most, because a signature was wrong.</summary>
    private static readonly TimeSpan ReadAgainEvery = TimeSpan.FromMinutes(1);

    private Known? known;

    /// <summary>Reads the key, or makes it.</summary>
    internal async Task<byte[]> ReadAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref known) is { } read) return read.Key;
        while (true)
        {
            if ((await account.State.ReadJsonAsync<StoredKey>(BlobName, cancellationToken))?.Value is { } stored) return Keep(stored.Key);
            var made = new StoredKey(RandomNumberGenerator.GetBytes(KeyBytes));
            if (await account.State.TryWriteJsonAsync(BlobName, made, etag: null, cancellationToken)) return Keep(made.Key);
        }
    }

    /// <summary>Reads the key again, because another instance may have replaced it.</summary>
    /// <returns>The key; null if it was read within the last minute.</returns>
    internal async Task<byte[]?> ReadAgainAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref known) is { } read && time.GetElapsedTime(read.At) < ReadAgainEvery) return null;
        Volatile.Write(ref known, null);
        return await ReadAsync(cancellationToken);
    }

    private byte[] Keep(byte[] key)
    {
        Volatile.Write(ref known, new Known(key, time.GetTimestamp()));
        return key;
    }

    private sealed record StoredKey(byte[] Key);

    private sealed record Known(byte[] Key, long At);
}
