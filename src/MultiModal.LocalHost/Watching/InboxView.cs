using System.Security.Cryptography;
using System.Text;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;

namespace MultiModal.LocalHost.Watching;

/// <summary>
/// Result of one listing of the inbox: for each batch a digest over names and ETags, equal to the digest in a run's inventory of the same
/// blobs. Memory grows with the number of batches, not of blobs.
/// </summary>
internal sealed class InboxView
{
    private readonly Dictionary<BatchName, string> digests = [];
    private readonly HashSet<BatchName> scattered = [];

    private InboxView()
    {
    }

    public IEnumerable<BatchName> Batches => digests.Keys;

    public int Blobs { get; private set; }

    public static InboxView Empty { get; } = new();

    /// <param name="blobs">Blobs in the order of the listing, by name: a batch's blobs follow each other, unless a root blob and a folder have the
    /// same name.</param>
    /// <param name="depth"><c>Pipeline:BatchDepth</c>.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    public static async Task<InboxView> ReadAsync(IAsyncEnumerable<InboxBlob> blobs, int depth, CancellationToken cancellationToken)
    {
        var view = new InboxView();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        BatchName? current = null;
        var last = "";
        await foreach (var blob in blobs.WithCancellation(cancellationToken))
        {
            view.Blobs++;
            if (!BatchName.FromBlob(blob.Name, depth, out var batch)) continue;
            if (current != batch)
            {
                view.Close(current, hash);
                current = batch;
            }
            else if (string.CompareOrdinal(last, blob.Name) >= 0)
            {
                view.scattered.Add(batch);
            }

            last = blob.Name;
            InboxListing.Append(hash, blob);
        }

        view.Close(current, hash);
        return view;
    }

    /// <summary>Returns a digest that is equal for two views that show the batch with the same blobs; null if the batch has none.</summary>
    public string? DigestOf(BatchName batch) => digests.GetValueOrDefault(batch);

    /// <summary>
    /// True if <see cref="DigestOf"/> is only good for comparing views: it differs from an inventory's digest, because the listing was in
    /// another order.
    /// </summary>
    public bool IsScattered(BatchName batch) => scattered.Contains(batch);

    /// <summary>Makes the next comparison report the batch as changed again.</summary>
    public void Forget(BatchName batch) => digests.Remove(batch);

    private void Close(BatchName? batch, IncrementalHash hash)
    {
        if (batch is not { } name) return;
        var digest = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (digests.TryGetValue(name, out var earlier))
        {
            scattered.Add(name);
            digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(earlier + digest)));
        }

        digests[name] = digest;
    }
}
