using System.Text;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Converters;
using MultiModal.Pipeline;

namespace MultiModal.Functions.Tests.Runs;

/// <summary>Spells payloads as the host does, and remembers the largest.</summary>
internal sealed class WeighingConverter : DataConverter
{
    private readonly JsonDataConverter inner = new(PipelineJson.Options);
    private readonly Lock gate = new();

    public int LargestBytes { get; private set; }

    public string? Largest { get; private set; }

    public override object? Deserialize(string? data, Type targetType) => inner.Deserialize(data, targetType);

    public override string? Serialize(object? value)
    {
        var json = inner.Serialize(value);
        lock (gate)
        {
            if (json is not null && Encoding.UTF8.GetByteCount(json) is var bytes && bytes > LargestBytes) (LargestBytes, Largest) = (bytes, json);
        }

        return json;
    }
}
