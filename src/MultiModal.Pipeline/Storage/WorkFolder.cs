namespace MultiModal.Pipeline.Storage;

/// <summary>
/// Where originals lie while a step works on them: a folder that only this user can enter, with one folder for each step
/// under way. What a crash left behind is removed at the next start.
/// </summary>
public sealed class WorkFolder : IDisposable
{
    /// <summary>Start times of processes are told to the second, or a little worse.</summary>
    private static readonly TimeSpan StartPrecision = TimeSpan.FromSeconds(5);

    private readonly string root;

    /// <param name="parent">Null for the system's temporary folder.</param>
    public WorkFolder(string? parent)
    {
        root = Path.Combine(parent ?? Path.Combine(Path.GetTempPath(), $"multimodal-{Environment.UserName}"), $"{Environment.ProcessId}-{UniqueId.New():N}");
        RemoveLeftovers(Path.GetDirectoryName(root)!);
        CreatePrivate(root);
    }

    /// <summary>A new, empty, private folder; disposing it removes it with all that is in it.</summary>
    public WorkSpace Create()
    {
        var path = Path.Combine(root, UniqueId.New().ToString("N"));
        CreatePrivate(path);
        return new WorkSpace(path);
    }

    /// <summary>A new private file, removed when it is closed.</summary>
    public FileStream OpenFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(Path.Combine(root, Path.GetRandomFileName()), options);
    }

    public void Dispose() => WorkSpace.Remove(root);

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
            // Folders are named by the process that made them; a name of another shape is not ours to touch.
            var owner = Path.GetFileName(folder).Split('-');
            if (owner.Length == 2 && owner[1].Length == 32 && int.TryParse(owner[0], out var process) && !IsAlive(process, Directory.GetCreationTimeUtc(folder))) WorkSpace.Remove(folder);
        }
    }

    /// <summary>Whether the process that made a folder is still there. In containers numbers come again: a folder older than its process is another's.</summary>
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
            // Gone already.
        }
        catch (IOException)
        {
            // Still held by a program that is being killed: the next start removes it.
        }
    }
}
