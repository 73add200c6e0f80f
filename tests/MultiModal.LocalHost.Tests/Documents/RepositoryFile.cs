namespace MultiModal.LocalHost.Tests.Documents;

/// <summary>A file of the repository that these tests were built from.</summary>
internal static class RepositoryFile
{
    /// <summary>The top folder, with a slash at its end.</summary>
    public static string Root { get; } = FindRoot(new DirectoryInfo(AppContext.BaseDirectory));

    /// <param name="path">Relative to the top folder.</param>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>All documents that people read, relative to the top folder.</summary>
    public static IEnumerable<string> Documents() => new[] { "*.md", "docs/*.md", "docs/adr/*.md", "samples/*.md" }
        .Select(pattern => (Folder: Path.Combine(Root, Path.GetDirectoryName(pattern)!), Pattern: Path.GetFileName(pattern)))
        .Where(search => Directory.Exists(search.Folder))
        .SelectMany(search => Directory.GetFiles(search.Folder, search.Pattern))
        .Select(file => Path.GetRelativePath(Root, file))
        .Order(StringComparer.Ordinal);

    private static string FindRoot(DirectoryInfo? folder)
    {
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "MultiModalFunctions.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("MultiModalFunctions.sln is in no folder above the tests.");
    }
}
