using MultiModal.Pipeline.Batches;

namespace MultiModal.Pipeline.Caching;

/// <summary>
/// The batches that have used an entry of the cache, as its metadata name them. A batch that is named may have stopped using the entry since, but
/// none is missing. Therefore the deletion of a batch looks at the steps of the named batches, and at no others.
/// </summary>
public sealed record EntryUsers
{
    private const string Metadata = "batches";

    /// <summary>Item of the list that stands for all batches after <see cref="MaxKeys"/>. No key of a batch looks like it.</summary>
    private const string More = "more";

    /// <summary>Maximum number of keys: metadata may have 8 KiB, and a key has up to 57 characters.</summary>
    private const int MaxKeys = 50;

    /// <summary>The users of an entry that does not exist.</summary>
    public static readonly EntryUsers None = new([], areAll: true);

    private EntryUsers(IReadOnlyList<string> keys, bool areAll) => (Keys, AreAll) = (keys, areAll);

    /// <summary>Keys of the batches (<see cref="BatchName.Key"/>), the first user first.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>Whether no other batch has used the entry.</summary>
    public bool AreAll { get; }

    /// <summary>Reads the users of an entry. Entries that version 1.0 stored name none.</summary>
    public static EntryUsers Of(IDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        if (!metadata.TryGetValue(Metadata, out var list)) return new EntryUsers([], areAll: false);
        var keys = list.Split(',');
        return new EntryUsers([.. keys.Where(key => key != More)], !keys.Contains(More));
    }

    /// <summary>The metadata of an entry that a batch stores.</summary>
    internal static Dictionary<string, string> First(BatchName batch) => new() { [Metadata] = batch.Key };

    /// <summary>The metadata of an entry with one more user; null if they need no change.</summary>
    internal static Dictionary<string, string>? With(IDictionary<string, string> metadata, BatchName batch)
    {
        var users = Of(metadata);
        return !users.AreAll || users.Keys.Contains(batch.Key)
            ? null
            : new Dictionary<string, string>(metadata)
            {
                [Metadata] = $"{metadata[Metadata]},{(users.Keys.Count < MaxKeys ? batch.Key : More)}",
            };
    }
}
