namespace MultiModal.Decoder.ImageSharp;

internal static class FileBytes
{
    /// <summary>Number of bytes that may follow an image: cameras and phones append data of their own.</summary>
    private const int TailLength = 64 << 10;

    /// <summary>Reads the next bytes of a file.</summary>
    /// <exception cref="EndOfStreamException">The file has fewer bytes left.</exception>
    public static byte[] Next(this Stream file, int length)
    {
        var bytes = new byte[length];
        file.ReadExactly(bytes);
        return bytes;
    }

    /// <exception cref="EndOfStreamException">The file has ended.</exception>
    public static int NextByte(this Stream file) => file.ReadByte() is >= 0 and var value ? value : throw new EndOfStreamException();

    public static bool HasNearEnd(this Stream file, ReadOnlySpan<byte> mark)
    {
        var length = (int)Math.Min(file.Length, TailLength);
        file.Position = file.Length - length;
        return file.Next(length).AsSpan().LastIndexOf(mark) >= 0;
    }
}
