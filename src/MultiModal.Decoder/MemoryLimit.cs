using System.Runtime.InteropServices;

namespace MultiModal.Decoder;

/// <summary>
/// Bounds what this process allocates outside the managed heap, which has a limit of its own (<c>DOTNET_GCHeapHardLimit</c>). Linux
/// counts all private memory under RLIMIT_DATA; on other systems only the limits on pixels and bytes apply.
/// </summary>
internal static partial class MemoryLimit
{
    private const int Data = 2;

    /// <param name="bytes">Limit on the private memory of the whole process.</param>
    public static void Set(long bytes)
    {
        if (!OperatingSystem.IsLinux()) return;
        var limit = new Limit { Soft = (ulong)bytes, Hard = (ulong)bytes };
        if (SetLimit(Data, limit) != 0) throw new InvalidOperationException($"The memory limit was refused (errno {Marshal.GetLastPInvokeError()}).");
    }

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, in Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
