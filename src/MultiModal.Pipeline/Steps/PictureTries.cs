using System.Security.Cryptography;
using System.Text;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Steps;

/// <summary>
/// Counts the requests for a picture of which nobody knows whether it was made, over all processes on the account: <c>state/pictures/…</c>, written
/// before a request is sent. A picture costs so much that it is not asked for again and again while answers are lost or processes end.
/// </summary>
internal sealed class PictureTries(MediaAccount account, TimeProvider time)
{
    /// <summary>How often a picture is asked for without an answer.</summary>
    public const int Most = 2;

    private const string Folder = "pictures/";

    /// <summary>How long it is remembered, from the last request on.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(1);

    /// <summary>Counts a request that is about to be sent. The caller alone works on the key.</summary>
    /// <returns>False where the picture has been asked for often enough, and nothing is to be sent.</returns>
    public async Task<bool> TryBeginAsync(CacheKey key, CancellationToken cancellationToken)
    {
        var count = await CountAsync(key, cancellationToken);
        if (count >= Most) return false;
        await WriteAsync(key, count + 1, cancellationToken);
        return true;
    }

    /// <summary>Takes back the last request, of which it is certain that no picture was made.</summary>
    public async Task WithdrawAsync(CacheKey key, CancellationToken cancellationToken)
    {
        var count = await CountAsync(key, cancellationToken);
        if (count > 1) await WriteAsync(key, count - 1, cancellationToken);
        else await ForgetAsync(key, cancellationToken);
    }

    /// <summary>Forgets the requests for a picture that is kept.</summary>
    public async Task ForgetAsync(CacheKey key, CancellationToken cancellationToken) =>
        await account.State.DeleteBlobIfExistsAsync(NameOf(key), cancellationToken: cancellationToken);

    private async Task<int> CountAsync(CacheKey key, CancellationToken cancellationToken) =>
        (await account.State.ReadJsonAsync<Unanswered>(NameOf(key), cancellationToken))?.Value is { } there
            && time.GetUtcNow() - there.LastSentAt < Remembered
            ? there.Count
            : 0;

    private Task WriteAsync(CacheKey key, int count, CancellationToken cancellationToken) =>
        account.State.WriteJsonAsync(NameOf(key), new Unanswered(count, time.GetUtcNow()), metadata: null, cancellationToken);

    private static string NameOf(CacheKey key) => $"{Folder}{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.Name)))}.json";

    private sealed record Unanswered(int Count, DateTimeOffset LastSentAt);
}
