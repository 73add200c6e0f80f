using System.Diagnostics.CodeAnalysis;

namespace MultiModal.Pipeline;

/// <summary>Values that were read or written lately, kept within a bound. The one that was not used for longest goes first.</summary>
/// <param name="capacity">Maximum sum of the weights.</param>
/// <param name="weigh">Weight of a value; one that outweighs the capacity is not kept.</param>
/// <param name="dropped">Called with each value that goes, and not for one that is taken.</param>
public sealed class RecentlyUsed<TKey, TValue>(long capacity, Func<TValue, long> weigh, Action<TValue>? dropped = null) where TKey : notnull
{
    private readonly Lock gate = new();
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> nodes = [];
    private readonly LinkedList<(TKey Key, TValue Value)> byUse = [];
    private long weight;

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        lock (gate)
        {
            if (!nodes.TryGetValue(key, out var node))
            {
                value = default;
                return false;
            }

            byUse.Remove(node);
            byUse.AddFirst(node);
            value = node.Value.Value;
            return true;
        }
    }

    /// <summary>Keeps a value in place of an earlier one.</summary>
    public void Set(TKey key, TValue value)
    {
        List<TValue> gone = [];
        lock (gate)
        {
            if (Remove(key, out var earlier)) gone.Add(earlier);
            if (weigh(value) > capacity)
            {
                gone.Add(value);
            }
            else
            {
                nodes[key] = byUse.AddFirst((key, value));
                weight += weigh(value);
            }

            while (weight > capacity && byUse.Last is { } last && Remove(last.Value.Key, out var unused)) gone.Add(unused);
        }

        if (dropped is not null) gone.ForEach(dropped);
    }

    /// <summary>Returns the value, which is created if there is none. Callers that must not create two hold a lock of their own.</summary>
    public TValue GetOrAdd(TKey key, Func<TKey, TValue> create)
    {
        if (TryGet(key, out var known)) return known;
        var created = create(key);
        Set(key, created);
        return created;
    }

    /// <summary>Hands a value over to the caller, who is the only one that gets it.</summary>
    public bool TryTake(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        lock (gate) return Remove(key, out value);
    }

    /// <summary>Drops the values whose keys match.</summary>
    public void Forget(Func<TKey, bool> matches)
    {
        List<TValue> gone = [];
        lock (gate)
        {
            foreach (var key in nodes.Keys.Where(matches).ToList())
            {
                if (Remove(key, out var value)) gone.Add(value);
            }
        }

        if (dropped is not null) gone.ForEach(dropped);
    }

    private bool Remove(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (!nodes.Remove(key, out var node))
        {
            value = default;
            return false;
        }

        byUse.Remove(node);
        value = node.Value.Value;
        weight -= weigh(value);
        return true;
    }
}
