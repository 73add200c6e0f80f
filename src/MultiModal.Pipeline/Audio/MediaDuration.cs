using System.Buffers.Binary;

namespace MultiModal.Pipeline.Audio;

/// <summary>Reads the length of a compressed recording from its headers, where ffmpeg is not installed.</summary>
internal static class MediaDuration
{
    private static readonly int[] Mpeg1Bitrates = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    private static readonly int[] Mpeg2Bitrates = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    private static readonly int[] Mpeg1Rates = [44100, 48000, 32000];

    /// <returns>Duration in seconds; 0 where the headers do not contain it.</returns>
    public static async Task<double> OfAsync(Stream file, string mediaType, CancellationToken cancellationToken) => mediaType switch
    {
        "audio/mpeg" => await OfMp3Async(file, cancellationToken),
        "audio/mp4" or "audio/x-m4a" or "video/mp4" => await OfMp4Async(file, cancellationToken),
        _ => 0,
    };

    // ISO/IEC 14496-12 describes boxes of length and name; moov/mvhd holds timescale and duration.
    private static async Task<double> OfMp4Async(Stream file, CancellationToken cancellationToken)
    {
        var (position, end) = (0L, file.Length);
        var header = new byte[40];
        while (position + 8 <= end)
        {
            file.Position = position;
            var read = await file.ReadAtLeastAsync(header, header.Length, false, cancellationToken);
            if (read < 16) return 0;
            long length = BinaryPrimitives.ReadUInt32BigEndian(header);
            var name = header.AsSpan(4, 4);
            var body = 8;
            if (length == 1) (length, body) = (BinaryPrimitives.ReadInt64BigEndian(header.AsSpan(8)), 16);
            if (name.SequenceEqual("moov"u8))
            {
                position += body;
                continue;
            }

            if (name.SequenceEqual("mvhd"u8))
            {
                if (read < 40) return 0;
                var (scale, duration) = header[8] == 1
                    ? (BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(28)), BinaryPrimitives.ReadUInt64BigEndian(header.AsSpan(32)))
                    : (BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(20)), BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(24)));
                return scale == 0 ? 0 : (double)duration / scale;
            }

            if (length < body || length > end - position) return 0;
            position += length;
        }

        return 0;
    }

    // ISO/IEC 11172-3 and 13818-3, layer III, apply; the Xing/Info frame holds the number of frames of a variable bit rate.
    private static async Task<double> OfMp3Async(Stream file, CancellationToken cancellationToken)
    {
        var start = new byte[10];
        file.Position = 0;
        if (await file.ReadAtLeastAsync(start, 10, false, cancellationToken) < 10) return 0;
        // The length in ID3v2 has four bytes of seven bits each.
        var audioStart = start.AsSpan(0, 3).SequenceEqual("ID3"u8) ? 10 + ((start[6] << 21) | (start[7] << 14) | (start[8] << 7) | start[9]) : 0;
        var frame = new byte[4096];
        file.Position = Math.Min(audioStart, file.Length);
        var read = await file.ReadAtLeastAsync(frame, frame.Length, false, cancellationToken);
        for (var i = 0; i + 64 <= read; i++)
        {
            if (frame[i] != 0xFF || (frame[i + 1] & 0xE6) != 0xE2) continue;
            var version = (frame[i + 1] >> 3) & 3;
            var bitrateIndex = frame[i + 2] >> 4;
            var rateIndex = (frame[i + 2] >> 2) & 3;
            if (version == 1 || bitrateIndex is 0 or 15 || rateIndex == 3) continue;
            var isMpeg1 = version == 3;
            var rate = Mpeg1Rates[rateIndex] / (isMpeg1 ? 1 : version == 2 ? 2 : 4);
            var samples = isMpeg1 ? 1152 : 576;
            var isMono = frame[i + 3] >> 6 == 3;
            var side = isMpeg1 ? (isMono ? 17 : 32) : (isMono ? 9 : 17);
            var tag = frame.AsSpan(i + 4 + side);
            if (tag.Length >= 12 && (tag.StartsWith("Xing"u8) || tag.StartsWith("Info"u8)) && (tag[7] & 1) != 0)
            {
                return (double)BinaryPrimitives.ReadUInt32BigEndian(tag[8..]) * samples / rate;
            }

            var bitrate = (isMpeg1 ? Mpeg1Bitrates : Mpeg2Bitrates)[bitrateIndex] * 1000.0;
            return (file.Length - audioStart - i) * 8 / bitrate;
        }

        return 0;
    }
}
