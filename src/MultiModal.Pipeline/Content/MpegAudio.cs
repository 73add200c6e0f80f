using System.Buffers.Binary;

namespace MultiModal.Pipeline.Content;

/// <summary>
/// MPEG audio (ISO/IEC 11172-3, 13818-3) and ADTS (13818-7). Their frames are marked only by eleven or twelve set bits,
/// which any binary file contains, so a frame counts only if the next one is where its length says.
/// </summary>
internal static class MpegAudio
{
    /// <summary>Some encoders and cut recordings begin in the middle of a frame; the longest MPEG audio frame has 2,881 bytes.</summary>
    private const int LongestLeadIn = 4096;
    private const int FramesAfterLeadIn = 4;

    private static readonly int[] BitratesV1Layer1 = [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448];
    private static readonly int[] BitratesV1Layer2 = [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384];
    private static readonly int[] BitratesV1Layer3 = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    private static readonly int[] BitratesV2Layer1 = [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256];
    private static readonly int[] BitratesV2Layer23 = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    private static readonly int[] SampleRates = [44100, 48000, 32000];

    public static string? MediaType(ReadOnlySpan<byte> head, long length)
    {
        if (Id3Length(head) is { } tag)
        {
            // ID3 also precedes other formats; a cover picture may be longer than the bytes that we see.
            if (tag >= head.Length) return "audio/mpeg";
            var tagged = head[tag..];
            return tagged.StartsWith("fLaC"u8) ? "audio/flac" : Frames(tagged, AdtsFrameLength, 2, length - tag) ? "audio/aac" : "audio/mpeg";
        }

        if (Frames(head, AdtsFrameLength, 2, length)) return "audio/aac";
        if (Frames(head, MpegFrameLength, 2, length)) return "audio/mpeg";
        for (var start = 1; start < Math.Min(head.Length, LongestLeadIn); start++)
        {
            if (head[start] == 0xFF && Frames(head[start..], MpegFrameLength, FramesAfterLeadIn, long.MaxValue)) return "audio/mpeg";
        }

        return null;
    }

    /// <summary>Length of an ID3v2 tag (id3.org): three letters, a version below 255 twice, flags, and four bytes of seven bits.</summary>
    private static int? Id3Length(ReadOnlySpan<byte> head) =>
        head.Length >= 10 && head.StartsWith("ID3"u8) && head[3] is >= 2 and <= 4 && head[4] != 0xFF
            && ((head[6] | head[7] | head[8] | head[9]) & 0x80) == 0
            ? 10 + ((head[6] << 21) | (head[7] << 14) | (head[8] << 7) | head[9])
            : null;

    private delegate int? FrameLength(ReadOnlySpan<byte> frame);

    private static bool Frames(ReadOnlySpan<byte> bytes, FrameLength lengthOf, int count, long length)
    {
        for (var i = 0; i < count; i++)
        {
            if (lengthOf(bytes) is not { } frame) return false;
            if (frame == length) return true;
            if (frame >= bytes.Length) return false;
            bytes = bytes[frame..];
            length -= frame;
        }

        return true;
    }

    private static int? AdtsFrameLength(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < 7 || frame[0] != 0xFF || (frame[1] & 0xF6) != 0xF0) return null;
        var sampleRate = (frame[2] >> 2) & 0xF;
        var length = ((frame[3] & 3) << 11) | (frame[4] << 3) | (frame[5] >> 5);
        return sampleRate > 12 || length < 8 ? null : length;
    }

    private static int? MpegFrameLength(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < 4) return null;
        var header = BinaryPrimitives.ReadUInt32BigEndian(frame);
        if (header >> 21 != 0x7FF) return null;
        var version = (int)(header >> 19) & 3; // 0: 2.5, 2: 2, 3: 1
        var layer = 4 - ((int)(header >> 17) & 3);
        var bitrateIndex = (int)(header >> 12) & 0xF;
        var rateIndex = (int)(header >> 10) & 3;
        var padding = (int)(header >> 9) & 1;
        if (version == 1 || layer == 4 || bitrateIndex is 0 or 15 || rateIndex == 3) return null;

        var bitrates = (version, layer) switch
        {
            (3, 1) => BitratesV1Layer1,
            (3, 2) => BitratesV1Layer2,
            (3, 3) => BitratesV1Layer3,
            (_, 1) => BitratesV2Layer1,
            _ => BitratesV2Layer23,
        };
        var bitrate = bitrates[bitrateIndex - 1] * 1000;
        var sampleRate = SampleRates[rateIndex] >> (version switch { 3 => 0, 2 => 1, _ => 2 });
        return layer switch
        {
            1 => ((12 * bitrate / sampleRate) + padding) * 4,
            3 when version != 3 => (72 * bitrate / sampleRate) + padding,
            _ => (144 * bitrate / sampleRate) + padding,
        };
    }
}
