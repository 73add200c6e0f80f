using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Recording;

/// <summary>All calls of a simulator's life; safe for concurrent use.</summary>
public sealed class CallLog
{
    private readonly Lock _gate = new();
    private readonly List<RecordedCall> _calls = [];

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
            _calls.Add(new RecordedCall(_calls.Count + 1, at, dialect, kind, path, apiVersion));
            return _calls.Count;
        }
    }

    internal void Update(int number, Func<RecordedCall, RecordedCall> change)
    {
        lock (_gate)
        {
            // A reset may have emptied the log under a call in flight.
            if (number <= _calls.Count) _calls[number - 1] = change(_calls[number - 1]);
        }
    }

    internal void Clear()
    {
        lock (_gate) _calls.Clear();
    }
}
