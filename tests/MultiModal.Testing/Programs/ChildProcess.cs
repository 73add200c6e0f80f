using System.Diagnostics;
using System.Globalization;

namespace MultiModal.Testing.Programs;

/// <summary>A program in a process of its own, which ends with the test. What it prints is kept.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process process;

    private ChildProcess(Process process)
    {
        this.process = process;
        Output = process.StandardOutput.ReadToEndAsync();
        Errors = process.StandardError.ReadToEndAsync();
    }

    public int Id => process.Id;

    public bool HasEnded => process.HasExited;

    /// <summary>All that it wrote to its standard output, when it has ended.</summary>
    public Task<string> Output { get; }

    /// <summary>All that it wrote to its standard error, when it has ended.</summary>
    public Task<string> Errors { get; }

    /// <param name="start">Its output is redirected here.</param>
    public static ChildProcess Start(ProcessStartInfo start)
    {
        (start.UseShellExecute, start.RedirectStandardOutput, start.RedirectStandardError) = (false, true, true);
        return new(Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start."));
    }

    /// <summary>Starts a program that was built as an assembly, by the dotnet that runs the tests.</summary>
    /// <param name="assembly">Path of its dll; its runtimeconfig.json lies beside it.</param>
    /// <param name="arguments">What its <c>Main</c> gets.</param>
    /// <param name="environment">Added to the tests' own environment.</param>
    public static ChildProcess StartDotnet(string assembly, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Dotnet, [assembly, .. arguments]);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Start(start);
    }

    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync()
    {
        await Task.WhenAll(Output, Errors, process.WaitForExitAsync());
        return process.ExitCode;
    }

    /// <exception cref="InvalidOperationException">It has ended; what it printed is in the message.</exception>
    public void MustRun()
    {
        if (HasEnded) throw new InvalidOperationException($"Ended with {process.ExitCode}. {Output.Result}{Errors.Result}");
    }

    /// <summary>SIGKILL: nothing of it runs any more.</summary>
    public async Task KillAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
    }

    /// <param name="name">As kill(1) takes it: <c>TERM</c>, <c>STOP</c>, <c>CONT</c>.</param>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) await KillAsync();
        process.Dispose();
    }

    private static string Dotnet => Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : "dotnet";
}
