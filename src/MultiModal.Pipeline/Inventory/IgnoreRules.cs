using System.IO.Enumeration;

namespace MultiModal.Pipeline.Inventory;

/// <summary>Which blobs are junk that operating systems and programs leave behind.</summary>
public static class IgnoreRules
{
    /// <summary>Finder, Explorer, Office's lock files, downloads under way.</summary>
    public static IReadOnlyList<string> Default { get; } = [".DS_Store", "._*", "Thumbs.db", "desktop.ini", "~$*", "*.tmp"];

    /// <param name="blobName">Within the inbox.</param>
    /// <param name="bytes">Size; a zero-byte blob whose name ends in "/" is a folder marker.</param>
    /// <param name="patterns">Instead of <see cref="Default"/>, if not empty.</param>
    public static bool IsIgnored(string blobName, long bytes, IEnumerable<string> patterns)
    {
        ArgumentNullException.ThrowIfNull(blobName);
        if (blobName.EndsWith('/')) return bytes == 0;
        var file = blobName.AsSpan(blobName.LastIndexOf('/') + 1);
        foreach (var pattern in patterns)
        {
            if (FileSystemName.MatchesSimpleExpression(pattern, file, ignoreCase: true)) return true;
        }

        return false;
    }
}
