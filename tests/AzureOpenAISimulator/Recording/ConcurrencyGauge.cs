using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Recording;

/// <summary>
/// How many calls are worked on at a time. A call leaves before the last byte of its answer is sent, so a caller that takes turns never overlaps
/// itself.
/// </summary>
public sealed class ConcurrencyGauge
{
    private readonly Lock _gate = new();
    private readonly Dictionary<CallKind, int> _current = [];
    private readonly Dictionary<CallKind, int> _peaks = [];
    private readonly Dictionary<CallKind, int> _counts = [];
    private int _peak;

    /// <summary>Most calls of all kinds at one time.</summary>
    public int Peak
    {
        get
        {
            lock (_gate) return _peak;
        }
    }

    public int Current
    {
        get
        {
            lock (_gate) return _current.Values.Sum();
        }
    }

    public int PeakOf(CallKind kind)
    {
        lock (_gate) return _peaks.GetValueOrDefault(kind);
    }

    /// <summary>Calls that arrived, refused ones included.</summary>
    public int CountOf(CallKind kind)
    {
        lock (_gate) return _counts.GetValueOrDefault(kind);
    }

    internal void Enter(CallKind kind)
    {
        lock (_gate)
        {
            var current = _current[kind] = _current.GetValueOrDefault(kind) + 1;
            _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
            _peaks[kind] = Math.Max(_peaks.GetValueOrDefault(kind), current);
            _peak = Math.Max(_peak, _current.Values.Sum());
        }
    }

    internal void Leave(CallKind kind)
    {
        lock (_gate) _current[kind]--;
    }

    internal void Clear()
    {
        lock (_gate)
        {
            _peaks.Clear();
            _counts.Clear();
            _peak = _current.Values.Sum();
        }
    }
}
