using System.Buffers.Binary;

namespace MultiModal.Decoder.Images;

/// <summary>
/// A BMP with the sizes in its header that it really has: many programs write wrong ones, which say nothing about the pixels, and most readers ignore
/// them ("BITMAPFILEHEADER structure", "BITMAPINFOHEADER structure", learn.microsoft.com/windows/win32/api/wingdi).
/// </summary>
internal sealed class BmpSizes(FileStream file, byte[] head) : Stream
{
    private const int FileSize = 2, PixelOffset = 10, HeaderSize = 14, Compression = 30, ImageSize = 34, Longest = 54;

    public static Stream Open(string path)
    {
        var file = File.OpenRead(path);
        var head = new byte[(int)Math.Min(Longest, file.Length)];
        file.ReadExactly(head);
        file.Position = 0;
        if (head.Length >= PixelOffset)
            BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(FileSize), (uint)Math.Min(uint.MaxValue, file.Length));
        // The size of pixels that are not compressed follows from their number.
        if (head.Length == Longest && BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(HeaderSize)) >= 40
            && BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(Compression)) is 0 or 3) head.AsSpan(ImageSize, 4).Clear();
        return new BmpSizes(file, head);
    }

    /// <summary>Whether the pixels are coded as OS/2 alone does: its numbers 3 and 4 stand for other codings in a header of Windows.</summary>
    public static bool AreOfOs2(string path)
    {
        using var file = File.OpenRead(path);
        var head = new byte[Longest];
        return file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length
            && BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(HeaderSize)) == 64
            && BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(Compression)) > 2;
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => file.Length;

    public override long Position { get => file.Position; set => file.Position = value; }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var at = file.Position;
        var read = file.Read(buffer, offset, count);
        if (at < head.Length) head.AsSpan((int)at, (int)Math.Min(read, head.Length - at)).CopyTo(buffer.AsSpan(offset));
        return read;
    }

    public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) file.Dispose();
        base.Dispose(disposing);
    }
}
