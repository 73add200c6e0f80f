using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MultiModal.Pipeline.Storage;

/// <summary>The host that works on a storage account, as it describes itself in <c>state/owner.json</c>.</summary>
/// <param name="Kind">Kind of the host: <c>local</c> or <c>functions</c>.</param>
/// <param name="Instance">Name of the instance; instances of a shared kind have different ones.</param>
/// <param name="Machine">Name of the machine, for people.</param>
/// <param name="ProcessSpace">Scope within which <paramref name="ProcessId"/> is meaningful: a boot of a machine, and a container on it. It is null
/// if the scope can't be determined.</param>
/// <param name="ProcessId">Id of the owner's process.</param>
/// <param name="Since">Time when it took the account.</param>
/// <param name="ProcessStart">Start of the owner's process, which distinguishes it from another one with the same id: on Linux in clock ticks since
/// the boot, which clock changes do not affect; null elsewhere.</param>
public sealed record AccountOwner(
    string Kind, string Instance, string Machine, string? ProcessSpace, int ProcessId, DateTimeOffset Since, string? ProcessStart = null)
{
    /// <summary>Precision of the start times of processes: a second, or a little worse.</summary>
    private static readonly TimeSpan StartPrecision = TimeSpan.FromSeconds(5);

    /// <summary>Creates the owner for this process.</summary>
    public static AccountOwner Here(string kind, DateTimeOffset now) =>
        new(kind, UniqueId.New().ToString("N"), Environment.MachineName, Space(), Environment.ProcessId, now, StartOf(Environment.ProcessId));

    /// <summary>Formats the owner as one word of plain ASCII, as required for metadata of blobs.</summary>
    public string ToToken() => Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(this, PipelineJson.Options));

    /// <returns>The owner; null if <see cref="ToToken"/> did not make the text.</returns>
    public static AccountOwner? FromToken(string token)
    {
        try
        {
            return JsonSerializer.Deserialize<AccountOwner>(Convert.FromBase64String(token), PipelineJson.Options);
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// True if it is certain that the owner's process has ended: it ran here, and there is no process with its id, or only a younger one.
    /// </summary>
    [JsonIgnore]
    public bool IsDead
    {
        get
        {
            if (!IsHere) return false;
            if (ProcessStart is not null) return StartOf(ProcessId) != ProcessStart;
            try
            {
                using var process = Process.GetProcessById(ProcessId);
                return process.HasExited || process.StartTime.ToUniversalTime() > Since.UtcDateTime + StartPrecision;
            }
            catch (ArgumentException)
            {
                return true;
            }
        }
    }

    /// <summary>True if the owner's process, if it is alive, can be seen from here.</summary>
    [JsonIgnore]
    public bool IsHere => ProcessSpace is not null && ProcessSpace == Space();

    public override string ToString() => $"a \"{Kind}\" host (process {ProcessId} on {Machine}, since {Since:u})";

    /// <returns>The start; null on systems other than Linux, and for a process that has ended, even if its parent has not waited for it
    /// yet.</returns>
    private static string? StartOf(int process)
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            // proc_pid_stat(5): the name is in parentheses and may contain anything; the state is the first field after it, the start the
            // twentieth.
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : fields[19];
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string? Space()
    {
        const string boot = "/proc/sys/kernel/random/boot_id";
        const string processes = "/proc/self/ns/pid";
        if (OperatingSystem.IsLinux())
        {
            return File.Exists(boot) && File.ResolveLinkTarget(processes, returnFinalTarget: false) is { } space
                ? $"{File.ReadAllText(boot).Trim()} {space.Name}" : null;
        }

        return Environment.MachineName;
    }
}
