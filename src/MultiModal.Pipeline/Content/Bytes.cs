namespace MultiModal.Pipeline.Content;

/// <summary>Questions about a file's first bytes that are false, not an error, where the file is too short.</summary>
internal static class Bytes
{
    public static bool HasAt(this ReadOnlySpan<byte> head, int offset, ReadOnlySpan<byte> expected) =>
        head.Length >= offset + expected.Length && head.Slice(offset, expected.Length).SequenceEqual(expected);

    /// <summary>A chunk of the Interchange File Format and its kin: a mark, four bytes of size, a type.</summary>
    public static bool IsContainer(this ReadOnlySpan<byte> head, ReadOnlySpan<byte> mark, ReadOnlySpan<byte> type) =>
        head.StartsWith(mark) && head.HasAt(8, type);
}
