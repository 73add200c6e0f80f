namespace MultiModal.Pipeline.Storage;

/// <summary>
/// The folder for originals while a step works on them: only this user can enter it, and each step under way has a folder of its own in
/// it. Files left by a crash are removed at the next start.
/// </summary>
public sealed class WorkFolder : IDisposable
{
    /// <summary>Precision of the start times of processes: a second, or a little worse.</summary>
    private static readonly TimeSpan StartPrecision = TimeSpan.FromSeconds(5);

    private readonly string root;

    /// <param name="parent">The parent folder; null for the system's temporary folder.</param>
    public WorkFolder(string? parent)
    {
        root = Path.Combine(
            parent ?? Path.Combine(Path.GetTempPath(), $"multimodal-{Environment.UserName}"), $"{Environment.ProcessId}-{UniqueId.New():N}");
        RemoveLeftovers(Path.GetDirectoryName(root)!);
        CreatePrivate(root);
    }

    /// <summary>Creates a new, empty, private folder; disposing it removes it with all its content.</summary>
    public WorkSpace Create()
    {
        var path = Path.Combine(root, UniqueId.New().ToString("N"));
        CreatePrivate(path);
        return new WorkSpace(path);
    }

    /// <summary>Creates a new private file, which is removed when it is closed.</summary>
    public FileStream OpenFile() => CreateFile(FileOptions.DeleteOnClose);

    /// <summary>Creates a new private file, which the caller removes.</summary>
    public FileStream CreateFile() => CreateFile(FileOptions.None);

    /// <summary>Removes a file of <see cref="CreateFile()"/>, wherever it was moved.</summary>
    public static void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A program that is being killed still holds it; the next start removes the folder.
        }
    }

    public void Dispose() => WorkSpace.Remove(root);

    private FileStream CreateFile(FileOptions more)
    {
        var options =
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.Asynchronous | more };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(Path.Combine(root, Path.GetRandomFileName()), options);
    }

    private static void CreatePrivate(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static void RemoveLeftovers(string parent)
    {
        if (!Directory.Exists(parent)) return;
        foreach (var folder in Directory.EnumerateDirectories(parent))
        {
            // Folder names contain the process that made them; a name of another form belongs to someone else and is left alone.
            var owner = Path.GetFileName(folder).Split('-');
            if (owner.Length == 2 && owner[1].Length == 32 && int.TryParse(owner[0], out var process)
                && !IsAlive(process, Directory.GetCreationTimeUtc(folder))) WorkSpace.Remove(folder);
        }
    }

    /// <summary>
    /// Whether the process that made a folder is still alive. Containers reuse process ids, so a folder older than the process with its
    /// id belongs to another one.
    /// </summary>
    private static bool IsAlive(int process, DateTime made)
    {
        try
        {
            using var found = System.Diagnostics.Process.GetProcessById(process);
            return !found.HasExited && found.StartTime.ToUniversalTime() < made + StartPrecision;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}

/// <summary>The folder of one step under way.</summary>
public sealed class WorkSpace : IDisposable
{
    internal WorkSpace(string path) => Path = path;

    public string Path { get; }

    /// <param name="name">A plain file name of ours; names of inbox blobs never reach the file system.</param>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Remove(Path);

    internal static void Remove(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // The folder has been deleted already.
        }
        catch (IOException)
        {
            // A program that is being killed still holds a file; the next start removes the folder.
        }
    }
}
