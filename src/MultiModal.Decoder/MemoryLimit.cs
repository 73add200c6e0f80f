using System.Runtime.InteropServices;

namespace MultiModal.Decoder;

/// <summary>
/// Bounds what a process allocates outside a managed heap, which has a limit of its own (<c>DOTNET_GCHeapHardLimit</c>). Linux counts all
/// private memory under RLIMIT_DATA; on other systems nothing is bounded here.
/// </summary>
internal static partial class MemoryLimit
{
    private const int Data = 2;
    private const int ThisProcess = 0;
    private const int NoSuchProcess = 3;

    /// <param name="bytes">Limit on the private memory of this whole process.</param>
    public static void Set(long bytes) => Set(ThisProcess, bytes);

    /// <param name="processId">A process that this one has started. Nothing happens if it has ended.</param>
    /// <param name="bytes">Limit on the private memory of that process, and of each process that it starts from then on.</param>
    public static void Set(int processId, long bytes)
    {
        if (!OperatingSystem.IsLinux()) return;
        var limit = new Limit { Soft = (ulong)bytes, Hard = (ulong)bytes };
        if (SetLimit(processId, Data, limit, old: 0) == 0) return;
        var error = Marshal.GetLastPInvokeError();
        if (error != NoSuchProcess) throw new InvalidOperationException($"The memory limit was refused (errno {error}).");
    }

    [LibraryImport("libc", EntryPoint = "prlimit", SetLastError = true)]
    private static partial int SetLimit(int processId, int resource, in Limit limit, nint old);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
