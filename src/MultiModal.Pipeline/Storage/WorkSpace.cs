namespace MultiModal.Pipeline.Storage;

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
