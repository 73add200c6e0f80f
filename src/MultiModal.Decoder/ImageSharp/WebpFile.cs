using System.Buffers.Binary;

namespace MultiModal.Decoder.ImageSharp;

/// <summary>The chunks of a WebP (RFC 9649, section 2).</summary>
internal static class WebpFile
{
    /// <summary>Length of the file's header: RIFF, a length, WEBP.</summary>
    private const int FormHeaderLength = 12;

    /// <summary>Length of a chunk's header: its name and its length.</summary>
    private const int HeaderLength = 8;
    private const int FrameHeaderLength = 16;
    private const byte Alpha = 0x10, Animation = 0x02;

    /// <summary>Counts the frames without decoding any.</summary>
    public static ImageOutline? Outline(Stream file)
    {
        if (End(file) is not { } end) return null;
        ImageOutline? outline = null;
        var frames = 0;
        foreach (var chunk in Chunks(file, FormHeaderLength, end))
        {
            file.Position = chunk.Start;
            if (chunk.Is("ANMF"u8)) frames++;
            else if (outline is null) outline = Size(file, chunk);
        }

        return outline is null ? null : outline with { Frames = Math.Max(1, frames) };
    }

    /// <summary>
    /// Returns the first frame of an animation as a still image, with its position on the canvas, because ImageSharp 2 reads no
    /// animations. The chunks beside the frames, such as the colour profile, are kept.
    /// </summary>
    /// <returns>The still image and its position; null if the file is a still image already.</returns>
    public static (MemoryStream Still, int X, int Y)? FirstFrame(Stream file)
    {
        if (End(file) is not { } end) return null;
        var chunks = Chunks(file, FormHeaderLength, end).ToList();
        if (chunks.Find(c => c.Is("ANMF"u8)) is not { Length: > FrameHeaderLength } frame) return null;
        file.Position = frame.Start;
        var head = file.Next(FrameHeaderLength);
        var parts = Chunks(file, frame.Start + FrameHeaderLength, frame.Start + frame.Length)
            .Where(c => c.Is("ALPH"u8) || c.Is("VP8 "u8) || c.Is("VP8L"u8))
            .ToList();

        var still = new MemoryStream();
        still.Write("RIFF\0\0\0\0WEBP"u8);
        foreach (var chunk in chunks)
        {
            if (chunk.Is("VP8X"u8))
            {
                file.Position = chunk.Start;
                var features = file.Next(10);
                var mayHaveAlpha = parts.Exists(p => p.Is("ALPH"u8) || p.Is("VP8L"u8));
                features[0] = (byte)((features[0] & ~(Animation | Alpha)) | (mayHaveAlpha ? Alpha : 0));
                head.AsSpan(6, 6).CopyTo(features.AsSpan(4)); // The size, less 1, in 24 bits each.
                Write(still, chunk.Name, features);
            }
            else if (chunk == frame)
            {
                foreach (var part in parts) Copy(file, part, still);
            }
            else if (!chunk.Is("ANIM"u8) && !chunk.Is("ANMF"u8))
            {
                Copy(file, chunk, still);
            }
        }

        BinaryPrimitives.WriteUInt32LittleEndian(still.GetBuffer().AsSpan(4), (uint)(still.Length - HeaderLength));
        still.Position = 0;
        return (still, 2 * UInt24(head), 2 * UInt24(head.AsSpan(3)));
    }

    /// <returns>The position where the last chunk ends; null if the file is no WebP or is cut short.</returns>
    private static long? End(Stream file)
    {
        file.Position = 0;
        var head = file.Next(FormHeaderLength).AsSpan();
        if (!head.StartsWith("RIFF"u8) || !head[8..].SequenceEqual("WEBP"u8)) return null;
        var end = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]) + (long)HeaderLength;
        return end <= file.Length ? end : null;
    }

    /// <returns>The size; null if the chunk does not contain it.</returns>
    private static ImageOutline? Size(Stream file, Chunk chunk)
    {
        if (chunk.Is("VP8X"u8))
        {
            var features = file.Next(10).AsSpan();
            return new ImageOutline(1 + UInt24(features[4..]), 1 + UInt24(features[7..]), 1);
        }

        if (chunk.Is("VP8L"u8))
        {
            // After a signature of one byte, the two sizes follow in 14 bits each, less 1 (RFC 9649, section 3.4).
            var sizes = BinaryPrimitives.ReadUInt32LittleEndian(file.Next(5).AsSpan(1));
            return new ImageOutline(1 + (int)(sizes & 0x3FFF), 1 + (int)((sizes >> 14) & 0x3FFF), 1);
        }

        if (chunk.Is("VP8 "u8))
        {
            // After the frame tag and the start code, 3 bytes each, the two sizes follow: 14 bits each, and 2 for scaling (RFC 6386,
            // section 9.1).
            var head = file.Next(10).AsSpan();
            var (width, height) = (BinaryPrimitives.ReadUInt16LittleEndian(head[6..]), BinaryPrimitives.ReadUInt16LittleEndian(head[8..]));
            return new ImageOutline(width & 0x3FFF, height & 0x3FFF, 1);
        }

        return null;
    }

    private static IEnumerable<Chunk> Chunks(Stream file, long start, long end)
    {
        while (start + HeaderLength <= end)
        {
            file.Position = start;
            var head = file.Next(HeaderLength);
            var (name, length) = (BinaryPrimitives.ReadUInt32BigEndian(head), BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(4)));
            var chunk = new Chunk(name, start + HeaderLength, length);
            if (chunk.Start + chunk.Length > end) yield break;
            yield return chunk;
            start = chunk.Start + chunk.Length + (chunk.Length & 1);
        }
    }

    private static void Copy(Stream file, Chunk chunk, MemoryStream still)
    {
        file.Position = chunk.Start;
        Write(still, chunk.Name, file.Next(checked((int)chunk.Length)));
    }

    private static void Write(MemoryStream still, uint name, ReadOnlySpan<byte> content)
    {
        Span<byte> head = stackalloc byte[HeaderLength];
        BinaryPrimitives.WriteUInt32BigEndian(head, name);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], (uint)content.Length);
        still.Write(head);
        still.Write(content);
        if (content.Length % 2 != 0) still.WriteByte(0);
    }

    private static int UInt24(ReadOnlySpan<byte> bytes) => bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);

    /// <param name="Name">The four letters of the chunk's name.</param>
    /// <param name="Start">Position of the chunk's content in the file.</param>
    /// <param name="Length">Length of the chunk's content.</param>
    private sealed record Chunk(uint Name, long Start, long Length)
    {
        public bool Is(ReadOnlySpan<byte> name) => Name == BinaryPrimitives.ReadUInt32BigEndian(name);
    }
}
