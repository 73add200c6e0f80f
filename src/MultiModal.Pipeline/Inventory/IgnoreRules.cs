using System.IO.Enumeration;

namespace MultiModal.Pipeline.Inventory;

/// <summary>The blobs that are ignored because operating systems and programs leave them behind.</summary>
public static class IgnoreRules
{
    /// <summary>Patterns for files of Finder and Explorer, Office's lock files, and downloads under way.</summary>
    public static IReadOnlyList<string> Default { get; } = [".DS_Store", "._*", "Thumbs.db", "desktop.ini", "~$*", "*.tmp"];

    /// <param name="blobName">Name of the blob within the inbox.</param>
    /// <param name="bytes">Size in bytes; a zero-byte blob whose name ends in "/" is a folder marker.</param>
    /// <param name="patterns">Patterns that replace <see cref="Default"/>, if not empty.</param>
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
