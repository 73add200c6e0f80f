using System.Globalization;
using NetVips;

namespace MultiModal.Pipeline.Images;

/// <summary>
/// The end of a JPEG that lacks its end marker, because it was not copied whole or a camera lost power. Browsers show such files. Decoders fill up what is
/// missing, so that its size has to be found out.
/// </summary>
internal static class JpegEnd
{
    /// <summary>Share of the picture that may be missing.</summary>
    private const double MostMissing = 0.1;

    /// <summary>How much smaller the picture is in which the missing part is looked for. The decoder makes it of a block's first number.</summary>
    private const int Shrink = 8;

    /// <summary>Bytes that no picture ends with. What is decoded from them is what is missing.</summary>
    private const int NoiseBytes = 4096;

    private static readonly byte[] EndMarker = [0xFF, 0xD9];

    /// <summary>Appends the end marker, if it is missing and at least nine tenths of the picture are there.</summary>
    /// <param name="path">Private temporary file.</param>
    /// <returns>What is missing, for the reader of the report; null if the file is something else or lacks more, and is as it was.</returns>
    public static string? Mend(string path)
    {
        if (!LacksEnd(path)) return null;
        var probe = $"{path}.probe";
        try
        {
            _ = Libvips.Version;
            File.Copy(path, probe);
            Append(probe, [.. Noise(), .. EndMarker]);
            var missing = MissingShare(path, probe);
            if (missing > MostMissing) return null;
            Append(path, EndMarker);
            return missing == 0
                ? "The file lacks its end marker. The picture is whole."
                : string.Create(
                    CultureInfo.InvariantCulture, $"The end of the file is missing, and with it the last {Math.Ceiling(100 * missing)} % of the picture.");
        }
        catch (VipsException)
        {
            return null;
        }
        finally
        {
            File.Delete(probe);
        }
    }

    private static bool LacksEnd(string path)
    {
        using var file = File.OpenRead(path);
        if (file.Length < 4) return false;
        Span<byte> bytes = stackalloc byte[2];
        file.ReadExactly(bytes);
        if (!bytes.SequenceEqual((ReadOnlySpan<byte>)[0xFF, 0xD8])) return false;
        file.Seek(-2, SeekOrigin.End);
        file.ReadExactly(bytes);
        return !bytes.SequenceEqual(EndMarker);
    }

    /// <summary>The share from the first place on at which the file and the file with noise behind it show something else.</summary>
    private static double MissingShare(string path, string probe)
    {
        var (one, other) = (Pixels(path), Pixels(probe));
        var same = one.AsSpan().CommonPrefixLength(other);
        return 1 - ((double)same / one.Length);
    }

    private static byte[] Pixels(string path)
    {
        using var image = Image.Jpegload(path, shrink: Shrink, failOn: Enums.FailOn.None);
        return image.WriteToMemory<byte>();
    }

    private static byte[] Noise()
    {
        // Of 8 bits each, but 0xFF, which begins a marker.
        var random = new Random(1);
        return [.. Enumerable.Range(0, NoiseBytes).Select(_ => (byte)random.Next(byte.MaxValue))];
    }

    private static void Append(string path, ReadOnlySpan<byte> bytes)
    {
        using var file = new FileStream(path, FileMode.Append, FileAccess.Write);
        file.Write(bytes);
    }
}
