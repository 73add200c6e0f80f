using System.Globalization;
using System.Text;
using Azure;
using Azure.Storage.Blobs.Models;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Batches;

/// <summary>
/// Batch states in blobs, <c>state/batches/{batch}.json</c>: the LocalHost's own store, and on Functions a copy of the entity's
/// last state, so that both hosts list batches the same way. The data of a list is in the blobs' metadata: listing reads no blob.
/// </summary>
public sealed class BatchStore(MediaAccount account)
{
    private const string Folder = "batches/";
    private const string Extension = ".json";

    public async Task<JsonBlob<BatchState>?> ReadAsync(BatchName batch, CancellationToken cancellationToken)
    {
        if (await account.State.ReadJsonAsync<BatchState>(BlobName(batch), cancellationToken) is { } stored) return stored;
        if (await FindEarlierAsync(batch, cancellationToken) is not { } earlier) return null;
        var moved = await TryReplaceAsync(earlier.Value, etag: null, cancellationToken);
        return moved ?? await account.State.ReadJsonAsync<BatchState>(BlobName(batch), cancellationToken);
    }

    /// <returns>False where the blob has been written since; <paramref name="etag"/> null means "if absent".</returns>
    public async Task<bool> TryWriteAsync(BatchState state, ETag? etag, CancellationToken cancellationToken) =>
        await TryReplaceAsync(state, etag, cancellationToken) is not null;

    /// <returns>The new version; null where the blob has been written since. <paramref name="etag"/> null means "if absent".</returns>
    public async Task<JsonBlob<BatchState>?> TryReplaceAsync(BatchState state, ETag? etag, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        var version = await account.State.TryReplaceJsonAsync(BlobName(state.Batch), state, etag, Metadata(state), cancellationToken);
        if (version is not { } written) return null;
        await DeleteEarlierAsync(state.Batch, cancellationToken);
        return new JsonBlob<BatchState>(state, written);
    }

    /// <summary>Writes without a condition, for a host that keeps the authoritative state elsewhere.</summary>
    public async Task WriteAsync(BatchState state, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        await account.State.WriteJsonAsync(BlobName(state.Batch), state, Metadata(state), cancellationToken);
        await DeleteEarlierAsync(state.Batch, cancellationToken);
    }

    public async Task DeleteAsync(BatchName batch, CancellationToken cancellationToken)
    {
        await account.State.DeleteBlobIfExistsAsync(BlobName(batch), cancellationToken: cancellationToken);
        await DeleteEarlierAsync(batch, cancellationToken);
    }

    /// <summary>Lists batches in ordinal order of their names, without reading a blob.</summary>
    /// <param name="prefix">Prefix of the names; null for all.</param>
    /// <param name="after">Name after which the list begins; null for all.</param>
    /// <param name="cancellationToken">Token that ends the listing.</param>
    public async Task<IReadOnlyList<BatchCard>> ListAsync(string? prefix, string? after, CancellationToken cancellationToken)
    {
        // Blob order differs from name order ("a-b.json" comes before "a.json", long names are hashed), so names are filtered and sorted here.
        var cards = new Dictionary<BatchName, BatchCard>();
        await foreach (var blob in account.State.GetBlobsAsync(
            new GetBlobsOptions { Traits = BlobTraits.Metadata, Prefix = Folder }, cancellationToken))
        {
            if (Card(blob.Metadata) is not { } card) continue;
            var name = card.Batch.Value;
            if ((prefix is null || name.StartsWith(prefix, StringComparison.Ordinal))
                && (after is null || string.CompareOrdinal(name, after) > 0)
                && (blob.Name == BlobName(card.Batch) || !cards.ContainsKey(card.Batch))) cards[card.Batch] = card;
        }

        return [.. cards.Values.OrderBy(card => card.Batch.Value, StringComparer.Ordinal)];
    }

    private static string BlobName(BatchName batch) => BlobName(batch.ResultsFolder);

    private static string BlobName(string folder) => $"{Folder}{folder}{Extension}";

    /// <summary>Finds the state where version 1.0 kept it, if that was elsewhere and if it is not another batch's.</summary>
    private async Task<JsonBlob<BatchState>?> FindEarlierAsync(BatchName batch, CancellationToken cancellationToken) =>
        batch.EarlierResultsFolder is { } folder
            && await account.State.ReadJsonAsync<BatchState>(BlobName(folder), cancellationToken) is { } stored && stored.Value.Batch == batch
            ? stored
            : null;

    private async Task DeleteEarlierAsync(BatchName batch, CancellationToken cancellationToken)
    {
        if (await FindEarlierAsync(batch, cancellationToken) is not { } earlier) return;
        try
        {
            await account.State.DeleteBlobIfExistsAsync(
                BlobName(batch.EarlierResultsFolder!), conditions: new BlobRequestConditions { IfMatch = earlier.ETag },
                cancellationToken: cancellationToken);
        }
        catch (RequestFailedException e) when (e.IsConditionNotMet())
        {
            // Another batch has stored its state there since.
        }
    }

    private static Dictionary<string, string> Metadata(BatchState state) => new()
    {
        // Metadata is sent in headers, which take plain ASCII only.
        ["batch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(state.Batch.Value)),
        ["phase"] = state.Phase.ToString(),
        ["runseq"] = state.RunSeq.ToString(CultureInfo.InvariantCulture),
        ["status"] = state.LastStatus?.ToString() ?? "",
        ["finished"] = state.FinishedAt?.ToString("O", CultureInfo.InvariantCulture) ?? "",
        ["digest"] = state.LastDigest ?? "",
        ["empty"] = state.IsEmpty.ToString(),
        ["heldfor"] = state.HeldFor?.ToString() ?? "",
    };

    private static BatchCard? Card(IDictionary<string, string> metadata)
    {
        if (!metadata.TryGetValue("batch", out var encoded)
            || !BatchName.TryParse(Encoding.UTF8.GetString(Convert.FromBase64String(encoded)), out var batch)) return null;
        return new BatchCard(
            batch,
            Enum.Parse<BatchPhase>(metadata["phase"]),
            int.Parse(metadata["runseq"], CultureInfo.InvariantCulture),
            Enum.TryParse<RunStatus>(Value("status"), out var status) ? status : null,
            DateTimeOffset.TryParse(Value("finished"), CultureInfo.InvariantCulture, out var finished) ? finished : null,
            Value("digest") is { Length: > 0 } digest ? digest : null,
            bool.TryParse(Value("empty"), out var isEmpty) && isEmpty,
            Enum.TryParse<HoldReason>(Value("heldfor"), out var reason) ? reason : null);

        string? Value(string key) => metadata.TryGetValue(key, out var value) ? value : null;
    }
}
