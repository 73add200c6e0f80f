using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Recording;

/// <summary>All calls of a simulator's life; safe for concurrent use.</summary>
public sealed class CallLog
{
    private readonly Lock _gate = new();
    private readonly List<RecordedCall> _calls = [];
    private int _forgotten;

    /// <summary>In order of arrival; a copy.</summary>
    public IReadOnlyList<RecordedCall> Calls
    {
        get
        {
            lock (_gate) return [.. _calls];
        }
    }

    internal int Open(DateTimeOffset at, Dialect dialect, CallKind kind, string path, string? apiVersion)
    {
        lock (_gate)
        {
            // Numbers go on after a reset: a call in flight must not be taken for a new one.
            var number = _forgotten + _calls.Count + 1;
            _calls.Add(new RecordedCall(number, at, dialect, kind, path, apiVersion));
            return number;
        }
    }

    internal void Update(int number, Func<RecordedCall, RecordedCall> change)
    {
        lock (_gate)
        {
            var index = number - 1 - _forgotten;
            if (index >= 0) _calls[index] = change(_calls[index]);
        }
    }

    internal void Clear()
    {
        lock (_gate)
        {
            _forgotten += _calls.Count;
            _calls.Clear();
        }
    }
}
