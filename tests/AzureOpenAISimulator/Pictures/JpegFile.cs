namespace AzureOpenAISimulator.Pictures;

/// <summary>
/// Writes baseline JPEG (ITU-T T.81): three components without subsampling, and of every 8 × 8 block its mean alone, which is all there is of a bar.
/// Sides are whole blocks, as every size that can be asked for is.
/// </summary>
public static class JpegFile
{
    private const int Block = 8;

    /// <summary>A block's first coefficient is eight times its mean, so that this step leaves the mean.</summary>
    private const byte Quantum = 8;

    /// <summary>Codes of the categories 0 to 8 of a difference (table K.3).</summary>
    private static readonly (int Bits, int Code)[] Categories =
        [(2, 0b00), (3, 0b010), (3, 0b011), (3, 0b100), (3, 0b101), (3, 0b110), (4, 0b1110), (5, 0b11110), (6, 0b111110)];

    public static byte[] Of(Picture picture)
    {
        var (width, height) = picture.Size;
        return
        [
            0xFF, 0xD8,
            .. Segment(0xE0, [.. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
            .. Segment(0xDB, [0, .. Enumerable.Repeat(Quantum, 64)]),
            .. Segment(0xC0, [8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]),
            .. Segment(0xC4, [0x00, 0, 1, 5, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]),
            // One code of one bit says that a block ends.
            .. Segment(0xC4, [0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            .. Segment(0xDA, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0]),
            .. Scan(picture),
            0xFF, 0xD9,
        ];
    }

    private static byte[] Segment(byte marker, byte[] content) =>
        [0xFF, marker, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2), .. content];

    private static byte[] Scan(Picture picture)
    {
        var bars = Enumerable.Range(0, picture.Colours.Length / 3).Select(bar => Means(picture.Colours.Slice(bar * 3, 3))).ToArray();
        var bits = new BitString();
        var last = new int[3];
        for (var line = 0; line < picture.Size.Height; line += Block)
        {
            for (var column = 0; column < picture.Size.Width; column += Block)
            {
                var means = bars[picture.Bar(column + Block / 2)];
                for (var component = 0; component < 3; component++)
                {
                    WriteDifference(bits, means[component] - last[component]);
                    bits.Write(0, 1);
                    last[component] = means[component];
                }
            }
        }
        return bits.ToArray();
    }

    /// <summary>Brightness and the two colour differences, each around 0 (JFIF 1.02).</summary>
    private static int[] Means(ReadOnlySpan<byte> colour)
    {
        double red = colour[0], green = colour[1], blue = colour[2];
        var brightness = 0.299 * red + 0.587 * green + 0.114 * blue;
        return [Level(brightness - 128), Level((blue - brightness) / 1.772), Level((red - brightness) / 1.402)];
    }

    private static int Level(double value) => Math.Clamp((int)Math.Round(value), -128, 127);

    private static void WriteDifference(BitString bits, int difference)
    {
        var category = 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)Math.Abs(difference));
        bits.Write(Categories[category].Code, Categories[category].Bits);
        // A negative difference is written less one, in as many bits (F.1.2.1.1).
        if (category > 0) bits.Write(difference > 0 ? difference : difference + (1 << category) - 1, category);
    }

    private sealed class BitString
    {
        private readonly List<byte> _bytes = [];
        private int _pending;
        private int _count;

        public void Write(int value, int bits)
        {
            for (var bit = bits - 1; bit >= 0; bit--)
            {
                _pending = _pending << 1 | value >> bit & 1;
                if (++_count == 8) Flush();
            }
        }

        /// <summary>The last byte is filled up with ones.</summary>
        public byte[] ToArray()
        {
            while (_count > 0) Write(1, 1);
            return [.. _bytes];
        }

        private void Flush()
        {
            _bytes.Add((byte)_pending);
            // A byte of ones would be taken for a marker.
            if (_pending == 0xFF) _bytes.Add(0);
            (_pending, _count) = (0, 0);
        }
    }
}
