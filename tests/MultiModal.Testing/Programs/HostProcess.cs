using System.Diagnostics;
using System.Globalization;
using MultiModal.LocalHost.Hosting;

namespace MultiModal.Testing.Programs;

/// <summary>The local host's program, which lies beside the tests that refer to it, in a process of its own that ends with the test.</summary>
public sealed class HostProcess : IAsyncDisposable
{
    private readonly Process process;

    private HostProcess(Process process)
    {
        this.process = process;
        Output = process.StandardOutput.ReadToEndAsync();
        Errors = process.StandardError.ReadToEndAsync();
    }

    public int Id => process.Id;

    public Task<string> Output { get; }

    public Task<string> Errors { get; }

    public static HostProcess Start(IReadOnlyList<string> command, IEnumerable<string> settings, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Dotnet) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "MultiModal.LocalHost.dll"));
        foreach (var argument in command) start.ArgumentList.Add(argument);
        foreach (var setting in settings)
        {
            start.ArgumentList.Add("--set");
            start.ArgumentList.Add(setting);
        }

        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Start(start);
    }

    /// <param name="start">Of another host; its output must be redirected.</param>
    public static HostProcess Start(ProcessStartInfo start) =>
        new(Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start."));

    public static async Task<(int ExitCode, string Output, string Errors)> Run(IReadOnlyList<string> command, IEnumerable<string> settings, params (string Name, string Value)[] environment)
    {
        await using var run = Start(command, settings, environment);
        var exitCode = await run.End();
        return (exitCode, await run.Output, await run.Errors);
    }

    public async Task<int> End()
    {
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>SIGKILL: nothing of it runs any more.</summary>
    public async Task Kill()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
    }

    /// <param name="name">As kill(1) takes it: <c>TERM</c>, <c>STOP</c>, <c>CONT</c>.</param>
    public async Task Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public bool HasEnded => process.HasExited;

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) await Kill();
        process.Dispose();
    }

    private static string Dotnet => Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : "dotnet";
}
