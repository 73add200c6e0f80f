using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MultiModal.Pipeline.Storage;

/// <summary>Who works on a storage account, as it says of itself in <c>state/owner.json</c>.</summary>
/// <param name="Kind"><c>local</c> or <c>functions</c>.</param>
/// <param name="Instance">Of that kind; instances of a shared kind differ in it.</param>
/// <param name="Machine">Name of the machine, for people.</param>
/// <param name="ProcessSpace">Within which <paramref name="ProcessId"/> means something: a boot of a machine, and a container on it. Null where that can't be told.</param>
/// <param name="ProcessId">The owner's process.</param>
/// <param name="Since">When it took the account.</param>
/// <param name="ProcessStart">What tells the owner's process from another one of its number: on Linux its start in clock ticks since the boot, which no step of the clock moves; null elsewhere.</param>
public sealed record AccountOwner(string Kind, string Instance, string Machine, string? ProcessSpace, int ProcessId, DateTimeOffset Since, string? ProcessStart = null)
{
    /// <summary>Start times of processes are told to the second, or a little worse.</summary>
    private static readonly TimeSpan StartPrecision = TimeSpan.FromSeconds(5);

    /// <summary>This process.</summary>
    public static AccountOwner Here(string kind, DateTimeOffset now) =>
        new(kind, UniqueId.New().ToString("N"), Environment.MachineName, Space(), Environment.ProcessId, now, StartOf(Environment.ProcessId));

    /// <summary>One word of plain ASCII, as metadata of blobs takes it.</summary>
    public string ToToken() => Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(this, PipelineJson.Options));

    /// <returns>Null for what <see cref="ToToken"/> did not make.</returns>
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

    /// <summary>True where it is certain that the owner's process has ended: it ran here, and there is none of its number, or only a younger one.</summary>
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

    /// <summary>True where the owner's process, if it lives, can be seen from here.</summary>
    [JsonIgnore]
    public bool IsHere => ProcessSpace is not null && ProcessSpace == Space();

    public override string ToString() => $"a \"{Kind}\" host (process {ProcessId} on {Machine}, since {Since:u})";

    /// <returns>Null off Linux, and for a process that has ended, also one that nobody has waited for yet.</returns>
    private static string? StartOf(int process)
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            // proc_pid_stat(5): the name stands in parentheses and may hold anything; the state is the first field after it, the start the twentieth.
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
            return File.Exists(boot) && File.ResolveLinkTarget(processes, returnFinalTarget: false) is { } space ? $"{File.ReadAllText(boot).Trim()} {space.Name}" : null;
        }

        return Environment.MachineName;
    }
}
