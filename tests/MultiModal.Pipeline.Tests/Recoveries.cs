using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace MultiModal.Pipeline.Tests;

/// <summary>What the counter of recoveries counts, by kind, in the whole process: tests of other classes run at the same time.</summary>
internal sealed class Recoveries : IDisposable
{
    private readonly ConcurrentQueue<string> kinds = new();
    private readonly MeterListener listener;

    public Recoveries()
    {
        listener = new MeterListener
        {
            InstrumentPublished = (instrument, to) =>
            {
                if (instrument.Name == "multimodal.recoveries") to.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            foreach (var tag in tags) kinds.Enqueue($"{tag.Value}");
        });
        listener.Start();
    }

    public IReadOnlyCollection<string> All => kinds;

    public void Dispose() => listener.Dispose();
}
