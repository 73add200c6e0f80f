using System.Diagnostics;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Tests.Storage;

public sealed class WorkFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Leftovers_of_an_ended_process_are_removed_at_the_next_start()
    {
        var parent = Directory.CreateDirectory(folder["work"]).FullName;
        var left = Made(parent, $"{EndedProcess()}-{Guid.NewGuid():N}");
        using var work = new WorkFolder(parent);
        Assert.False(Directory.Exists(left));
    }

    [Fact]
    public void Folders_of_running_processes_and_foreign_folders_are_left_alone()
    {
        var parent = Directory.CreateDirectory(folder["work"]).FullName;
        using var other = new WorkFolder(parent);
        using var space = other.Create();
        var foreign = Made(parent, "somebody-else");
        using var work = new WorkFolder(parent);
        Assert.True(Directory.Exists(space.Path));
        Assert.True(Directory.Exists(foreign));
    }

    [Fact]
    public void Only_this_user_can_enter_and_nothing_stays_once_it_is_done()
    {
        var parent = Directory.CreateDirectory(folder["work"]).FullName;
        using (var work = new WorkFolder(parent))
        using (var space = work.Create())
        {
            File.WriteAllText(space.File("original"), "private");
            if (!OperatingSystem.IsWindows()) Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(space.Path));
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(parent));
    }

    private static string Made(string parent, string name)
    {
        var path = Directory.CreateDirectory(Path.Combine(parent, name)).FullName;
        File.WriteAllText(Path.Combine(path, "original"), "private");
        return path;
    }

    private static int EndedProcess()
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", "--version") { RedirectStandardOutput = true })!;
        process.WaitForExit();
        return process.Id;
    }
}
