using System.Globalization;
using System.Text;

namespace MultiModal.Pipeline.Batches;

/// <summary>The rule for blob names that every client can address, which <see cref="BatchName"/> and <see cref="ItemName"/> use.</summary>
internal static class BlobPath
{
    /// <summary>Azure's limit for a blob name (Naming and Referencing Containers, Blobs, and Metadata).</summary>
    public const int MaxLength = 1024;

    /// <summary>
    /// True for 1 to 1,024 characters without an empty, "." or ".." segment, a segment that begins or ends with a space,
    /// a control character, a backslash or a lone surrogate.
    /// </summary>
    public static bool IsAddressable(string text)
    {
        if (text.Length is 0 or > MaxLength) return false;
        foreach (var segment in text.Split('/'))
        {
            if (segment.Length == 0 || segment is "." or ".." || segment != segment.Trim()) return false;
        }

        foreach (var rune in text.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar || rune.Value == '\\' || Rune.IsControl(rune)
                || Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherNotAssigned) return false;
        }

        return true;
    }
}
