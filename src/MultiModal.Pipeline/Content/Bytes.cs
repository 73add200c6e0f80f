namespace MultiModal.Pipeline.Content;

/// <summary>Tests of a file's first bytes that return false, without an error, where the file is too short.</summary>
internal static class Bytes
{
    public static bool HasAt(this ReadOnlySpan<byte> head, int offset, ReadOnlySpan<byte> expected) =>
        head.Length >= offset + expected.Length && head.Slice(offset, expected.Length).SequenceEqual(expected);

    /// <summary>Whether there is a chunk of the Interchange File Format or a related one: a mark, four bytes of size, a type.</summary>
    public static bool IsContainer(this ReadOnlySpan<byte> head, ReadOnlySpan<byte> mark, ReadOnlySpan<byte> type) =>
        head.StartsWith(mark) && head.HasAt(8, type);
}
