namespace MultiModal.LocalHost.Tests.Documents;

/// <summary>A file of the repository that these tests were built from.</summary>
internal static class RepositoryFile
{
    /// <param name="path">Relative to the top folder.</param>
    public static string Read(string path) => File.ReadAllText(Repository.File(path));

    /// <summary>All documents that people read, relative to the top folder.</summary>
    public static IEnumerable<string> Documents() => new[] { "*.md", "docs/*.md", "docs/adr/*.md", "samples/*.md" }
        .Select(pattern => (Folder: Repository.File(Path.GetDirectoryName(pattern)!), Pattern: Path.GetFileName(pattern)))
        .Where(search => Directory.Exists(search.Folder))
        .SelectMany(search => Directory.GetFiles(search.Folder, search.Pattern))
        .Select(file => Path.GetRelativePath(Repository.Root, file))
        .Order(StringComparer.Ordinal);
}
