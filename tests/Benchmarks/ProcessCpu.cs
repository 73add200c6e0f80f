using System.Globalization;

namespace MultiModal.Benchmarks;

/// <summary>CPU time of processes (Linux).</summary>
internal static class ProcessCpu
{
    private const double TicksPerSecond = 100;

    /// <returns>CPU seconds of a process so far, with those of the programs it has waited for; null for a process that has ended.</returns>
    public static double? Of(int process, bool withChildren) => Read(process) is { } read ? read.Own + (withChildren ? read.Programs : 0) : null;

    /// <returns>CPU seconds of a process so far, and of the programs it has waited for; null for a process that has ended.</returns>
    public static (double Own, double Programs)? Read(int process)
    {
        try
        {
            // proc_pid_stat(5): user and system time are the 12th and 13th field after the name, those of children the next two.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var times = fields.Skip(11).Take(4).Select(f => long.Parse(f, CultureInfo.InvariantCulture) / TicksPerSecond).ToList();
            return (times[0] + times[1], times[2] + times[3]);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
