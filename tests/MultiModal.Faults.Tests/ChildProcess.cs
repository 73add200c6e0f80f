using System.Diagnostics;

namespace MultiModal.Faults.Tests;

/// <summary>This very program with other arguments (Program.cs), in a process of its own that ends with the test.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly Task<string> output;

    private ChildProcess(Process process)
    {
        this.process = process;
        output = process.StandardOutput.ReadToEndAsync();
        Errors = process.StandardError.ReadToEndAsync();
    }

    public Task<string> Errors { get; }

    public static ChildProcess Start(params string[] arguments)
    {
        var dotnet = Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : "dotnet";
        var start = new ProcessStartInfo(dotnet, [typeof(ChildProcess).Assembly.Location, .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        return new ChildProcess(Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start."));
    }

    /// <returns>Its exit code.</returns>
    public async Task<int> End()
    {
        await output;
        await Errors;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <exception cref="InvalidOperationException">It has ended; what it printed is in the message.</exception>
    public void MustRun()
    {
        if (process.HasExited) throw new InvalidOperationException($"Ended with {process.ExitCode}. {output.Result}{Errors.Result}");
    }

    /// <summary>SIGKILL: nothing of it runs any more.</summary>
    public async Task Kill()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) await Kill();
        process.Dispose();
    }
}
