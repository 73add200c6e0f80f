using System.Buffers;
using System.Text.Json;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Content;

namespace MultiModal.Pipeline.Synthesis;

/// <summary>A node of the synthesis tree as it was planned.</summary>
/// <param name="Inputs">Inputs in inventory order.</param>
/// <param name="Known">The node's document if no engine is needed for it; otherwise null.</param>
/// <param name="FormerHash">
/// Hash of the inputs as versions before 1.1.0 read them, under which their answer is found; null if they read the same.
/// </param>
public sealed record SynthesisGroup(IReadOnlyList<SynthesisInput> Inputs, SynthesisDocument? Known = null, ContentHash? FormerHash = null)
{
    /// <summary>
    /// Computes a hash of the inputs' content (kind, name and text of each, in order) and nothing else: it includes no times, costs or
    /// ids, so the same content has the same hash in every run.
    /// </summary>
    public ContentHash Hash() => HashOf(Inputs);

    internal static ContentHash HashOf(IReadOnlyList<SynthesisInput> inputs)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var input in inputs)
            {
                writer.WriteStartArray();
                writer.WriteStringValue(input.Kind);
                writer.WriteStringValue(input.Name);
                writer.WriteStringValue(input.Text);
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
        }

        return ContentHash.Compute(buffer.WrittenSpan);
    }
}
