using System.Runtime.InteropServices;

namespace MultiModal.LocalHost.Commands;

/// <summary>
/// What in a folder is not a file with content: opening a pipe waits for a writer without end, and a device has no end. .NET does not say what a
/// path leads to, so the system is asked: statx(2) on Linux, whose structure is the same on all architectures, and lstat(2) on macOS.
/// </summary>
internal static partial class SpecialFile
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint Type = 1;
    private const int Size = 256;
    private const int TypeMask = 0xF000;

    /// <returns>The kind of file in one or two words; null for a regular file and for a folder.</returns>
    public static string? KindOf(FileSystemInfo entry)
    {
        if (entry.LinkTarget is not null) return "a link";
        return (ModeOf(entry.FullName) & TypeMask) switch
        {
            0x1000 => "a pipe",
            0x2000 or 0x6000 => "a device",
            0xC000 => "a socket",
            _ => null,
        };
    }

    /// <returns>The mode of the file; 0 if the system does not say.</returns>
    private static int ModeOf(string path)
    {
        Span<byte> status = stackalloc byte[Size];
        if (OperatingSystem.IsLinux())
        {
            return StatX(CurrentFolder, path, NoFollow, Type, status) == 0 ? MemoryMarshal.Read<ushort>(status[28..]) : 0;
        }

        if (!OperatingSystem.IsMacOS()) return 0;
        var result = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? StatOnX64(path, status) : Stat(path, status);
        return result == 0 ? MemoryMarshal.Read<ushort>(status[4..]) : 0;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, Span<byte> status);

    [LibraryImport("libc", EntryPoint = "lstat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(string path, Span<byte> status);

    [LibraryImport("libc", EntryPoint = "lstat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatOnX64(string path, Span<byte> status);
}
