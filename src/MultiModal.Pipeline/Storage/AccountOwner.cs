using System.Diagnostics;
using System.Text.Json.Serialization;

namespace MultiModal.Pipeline.Storage;

/// <summary>Who works on a storage account, as it says of itself in <c>state/owner.json</c>.</summary>
/// <param name="Kind"><c>local</c> or <c>functions</c>.</param>
/// <param name="Instance">Of that kind; instances of a shared kind differ in it.</param>
/// <param name="Machine">Name of the machine, for people.</param>
/// <param name="ProcessSpace">Within which <paramref name="ProcessId"/> means something: a boot of a machine, and a container on it. Null where that can't be told.</param>
/// <param name="ProcessId">The owner's process.</param>
/// <param name="Since">When it took the account.</param>
public sealed record AccountOwner(string Kind, string Instance, string Machine, string? ProcessSpace, int ProcessId, DateTimeOffset Since)
{
    /// <summary>Start times of processes are told to the second, or a little worse.</summary>
    private static readonly TimeSpan StartPrecision = TimeSpan.FromSeconds(5);

    /// <summary>This process.</summary>
    public static AccountOwner Here(string kind, DateTimeOffset now) =>
        new(kind, Guid.NewGuid().ToString("N"), Environment.MachineName, Space(), Environment.ProcessId, now);

    /// <summary>True where it is certain that the owner's process has ended: it ran here, and there is none of its number, or only a younger one.</summary>
    [JsonIgnore]
    public bool IsDead
    {
        get
        {
            if (ProcessSpace is null || ProcessSpace != Space()) return false;
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

    public override string ToString() => $"a \"{Kind}\" host (process {ProcessId} on {Machine}, since {Since:u})";

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
