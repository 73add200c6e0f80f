using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace MultiModal.Pipeline.Audio;

/// <summary>
/// The weights in an ONNX file, by name. Only what such a file needs is read: the graph's initializers of 32-bit floats, as raw bytes
/// (onnx/onnx.proto: ModelProto.graph = 7, GraphProto.initializer = 5, TensorProto.data_type = 2, name = 8, raw_data = 9).
/// </summary>
internal static class OnnxTensors
{
    private const int Float = 1;
    private const int LengthDelimited = 2;

    /// <exception cref="InvalidDataException">The bytes are no ONNX file.</exception>
    public static IReadOnlyDictionary<string, float[]> Read(ReadOnlyMemory<byte> file)
    {
        var tensors = new Dictionary<string, float[]>(StringComparer.Ordinal);
        foreach (var graph in Fields(file).Where(field => field.Number == 7))
        {
            foreach (var initializer in Fields(graph.Bytes).Where(field => field.Number == 5)) Add(initializer.Bytes, tensors);
        }

        return tensors;
    }

    private static void Add(ReadOnlyMemory<byte> tensor, Dictionary<string, float[]> tensors)
    {
        var name = "";
        ulong type = 0;
        var raw = ReadOnlyMemory<byte>.Empty;
        foreach (var field in Fields(tensor))
        {
            if (field.Number == 2) type = field.Value;
            else if (field.Number == 8) name = Encoding.UTF8.GetString(field.Bytes.Span);
            else if (field.Number == 9) raw = field.Bytes;
        }

        if (type == Float) tensors[name] = MemoryMarshal.Cast<byte, float>(raw.Span).ToArray();
    }

    /// <summary>The fields of a protobuf message: a number each, and a value or bytes.</summary>
    private static IEnumerable<(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)> Fields(ReadOnlyMemory<byte> message)
    {
        var at = 0;
        while (at < message.Length)
        {
            var tag = Varint(message.Span, ref at);
            var (number, kind) = ((int)(tag >> 3), (int)(tag & 7));
            switch (kind)
            {
                case 0:
                    yield return (number, Varint(message.Span, ref at), default);
                    break;
                case 1:
                    yield return (number, BinaryPrimitives.ReadUInt64LittleEndian(Take(message, 8, ref at).Span), default);
                    break;
                case LengthDelimited:
                    var length = Varint(message.Span, ref at);
                    yield return (number, 0, Take(message, length, ref at));
                    break;
                case 5:
                    yield return (number, BinaryPrimitives.ReadUInt32LittleEndian(Take(message, 4, ref at).Span), default);
                    break;
                default:
                    throw new InvalidDataException("This is no ONNX file.");
            }
        }
    }

    private static ReadOnlyMemory<byte> Take(ReadOnlyMemory<byte> message, ulong length, ref int at)
    {
        if (length > (ulong)(message.Length - at)) throw new InvalidDataException("The ONNX file ends early.");
        var taken = message.Slice(at, (int)length);
        at += (int)length;
        return taken;
    }

    private static ulong Varint(ReadOnlySpan<byte> message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (at >= message.Length) throw new InvalidDataException("The ONNX file ends early.");
            var part = message[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }

        throw new InvalidDataException("This is no ONNX file.");
    }
}
