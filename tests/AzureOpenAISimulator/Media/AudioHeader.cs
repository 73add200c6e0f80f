using System.Buffers.Binary;

namespace AzureOpenAISimulator.Media;

/// <summary>Format and duration of a recording from its bytes, without decoding it.</summary>
/// <param name="Seconds">Exact for WAV, FLAC, Ogg and constant frames of MP3; the container's own statement for M4A and WebM.</param>
public sealed record AudioHeader(string Format, double Seconds)
{
    /// <returns>Null where it is none of the formats that the services take, or damaged.</returns>
    public static AudioHeader? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 12) return null;
        if (bytes.StartsWith("RIFF"u8) && bytes[8..12].SequenceEqual("WAVE"u8)) return Of("wav", Wav(bytes));
        if (bytes.StartsWith("fLaC"u8)) return Of("flac", Flac(bytes));
        if (bytes.StartsWith("OggS"u8)) return Of("ogg", Ogg(bytes));
        if (bytes[4..8].SequenceEqual("ftyp"u8)) return Of("m4a", Mp4(bytes));
        if (bytes.StartsWith<byte>([0x1A, 0x45, 0xDF, 0xA3])) return Of("webm", WebM(bytes));
        if (bytes.StartsWith("ID3"u8) || (bytes[0] == 0xFF && (bytes[1] & 0xE0) == 0xE0)) return Of("mp3", Mp3(bytes));
        return null;
    }

    private static AudioHeader? Of(string format, double? seconds) =>
        seconds is { } known && double.IsFinite(known) && known >= 0 ? new(format, known) : null;

    // Bytes of the data chunk by the format chunk's average bytes per second; a streamed WAV states more than it has.
    private static double? Wav(ReadOnlySpan<byte> bytes)
    {
        uint bytesPerSecond = 0;
        for (long at = 12; at + 8 <= bytes.Length;)
        {
            var chunk = bytes[(int)at..];
            var length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            if (chunk.StartsWith("fmt "u8) && chunk.Length >= 20) bytesPerSecond = BinaryPrimitives.ReadUInt32LittleEndian(chunk[16..]);
            if (chunk.StartsWith("data"u8)) return bytesPerSecond == 0 ? null : Math.Min(length, bytes.Length - at - 8) / (double)bytesPerSecond;
            at += 8 + length + (length & 1);
        }
        return null;
    }

    // STREAMINFO is always the first block: 20 bits of sample rate and 36 bits of total samples (RFC 9639, 8.2).
    private static double? Flac(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 26 || (bytes[4] & 0x7F) != 0) return null;
        var rate = bytes[18] << 12 | bytes[19] << 4 | bytes[20] >> 4;
        var samples = (long)(bytes[21] & 0x0F) << 32 | BinaryPrimitives.ReadUInt32BigEndian(bytes[22..]);
        return rate == 0 ? null : samples / (double)rate;
    }

    // The last page's granule position, less Opus' pre-skip, at 48 kHz for Opus (RFC 7845, 4) and at the stream's rate for Vorbis.
    private static double? Ogg(ReadOnlySpan<byte> bytes)
    {
        double rate;
        long skip = 0;
        var head = bytes[..Math.Min(bytes.Length, 256)];
        if (head.IndexOf("OpusHead"u8) is var opus and >= 0 && opus + 12 <= head.Length)
        {
            rate = 48_000;
            skip = BinaryPrimitives.ReadUInt16LittleEndian(head[(opus + 10)..]);
        }
        else if (head.IndexOf("\u0001vorbis"u8) is var vorbis and >= 0 && vorbis + 16 <= head.Length)
        {
            rate = BinaryPrimitives.ReadUInt32LittleEndian(head[(vorbis + 12)..]);
        }
        else
        {
            return null;
        }
        var last = bytes.LastIndexOf("OggS"u8);
        if (last < 0 || last + 14 > bytes.Length || rate == 0) return null;
        return Math.Max(0, BinaryPrimitives.ReadInt64LittleEndian(bytes[(last + 6)..]) - skip) / rate;
    }

    // moov/mvhd: timescale and duration (ISO/IEC 14496-12, 8.2.2).
    private static double? Mp4(ReadOnlySpan<byte> bytes)
    {
        var at = bytes.IndexOf("mvhd"u8);
        if (at < 0 || at + 36 > bytes.Length) return null;
        var box = bytes[(at + 4)..];
        var (scale, duration) = box[0] == 1
            ? (BinaryPrimitives.ReadUInt32BigEndian(box[20..]), BinaryPrimitives.ReadInt64BigEndian(box[24..]))
            : (BinaryPrimitives.ReadUInt32BigEndian(box[12..]), BinaryPrimitives.ReadUInt32BigEndian(box[16..]));
        return scale == 0 ? null : duration / (double)scale;
    }

    // Segment/Info/Duration, a float in units of TimestampScale, by default a millisecond (RFC 9559, 5.1.2).
    private static double? WebM(ReadOnlySpan<byte> bytes)
    {
        var head = bytes[..Math.Min(bytes.Length, 1 << 16)];
        var at = head.IndexOf<byte>([0x44, 0x89]);
        if (at < 0 || at + 11 > head.Length) return null;
        var value = head[(at + 3)..];
        double? milliseconds = head[at + 2] switch
        {
            0x88 => BinaryPrimitives.ReadDoubleBigEndian(value),
            0x84 => BinaryPrimitives.ReadSingleBigEndian(value),
            _ => null,
        };
        return milliseconds / 1000;
    }

    // Frame by frame after an ID3v2 tag: a frame's bit rate and sample rate give its length in bytes and samples (ISO/IEC 11172-3, 2.4.2.3).
    private static double? Mp3(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<int> layer3Version1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0];
        ReadOnlySpan<int> layer3Version2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0];
        ReadOnlySpan<int> rates = [44_100, 48_000, 32_000, 0];
        var at = bytes.StartsWith("ID3"u8) ? 10 + (bytes[6] << 21 | bytes[7] << 14 | bytes[8] << 7 | bytes[9]) : 0;
        var seconds = 0.0;
        var frames = 0;
        while (at + 4 <= bytes.Length)
        {
            if (bytes[at] != 0xFF || (bytes[at + 1] & 0xE0) != 0xE0) break;
            var version = bytes[at + 1] >> 3 & 3;
            var layer = bytes[at + 1] >> 1 & 3;
            var rate = rates[bytes[at + 2] >> 2 & 3] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
            var kilobits = (version == 3 ? layer3Version1 : layer3Version2)[bytes[at + 2] >> 4];
            if (layer != 1 || rate == 0 || kilobits == 0) break;
            var samples = version == 3 ? 1152 : 576;
            at += samples / 8 * kilobits * 1000 / rate + (bytes[at + 2] >> 1 & 1);
            seconds += samples / (double)rate;
            frames++;
        }
        return frames == 0 ? null : seconds;
    }
}
