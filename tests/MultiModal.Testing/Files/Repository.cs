namespace MultiModal.Testing.Files;

/// <summary>The folder that the tests were built in, found by its solution file.</summary>
public static class Repository
{
    /// <summary>The folder of MultiModalFunctions.sln.</summary>
    /// <exception cref="InvalidOperationException">The tests do not run from within the repository.</exception>
    public static string Root { get; } = Find();

    /// <param name="path">Folders and name, from the root.</param>
    public static string File(params string[] path) => Path.Combine([Root, .. path]);

    private static string Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(at.FullName, "MultiModalFunctions.sln"))) return at.FullName;
        }

        throw new InvalidOperationException($"There is no MultiModalFunctions.sln above {AppContext.BaseDirectory}.");
    }
}
