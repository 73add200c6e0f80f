using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Options;
using MultiModal.Decoder;

namespace MultiModal.Pipeline.Programs;

/// <summary>
/// Runs the programs that media steps depend on (ffmpeg, tesseract, pocketsphinx, pdftoppm). They read files from strangers, so a program gets no
/// shell, no more time, output and memory than its limits, and a clean environment: only the variables of ours that name folders and language
/// data, never the keys and connection strings that a host is configured with. Whatever the outcome of a run, the program and its
/// children have ended when it returns.
/// </summary>
/// <param name="time">Measures and limits the time of programs.</param>
/// <param name="options">The memory of a program; null for the default.</param>
public sealed class ProgramRunner(TimeProvider time, IOptions<ProgramOptions>? options = null)
{
    private const int ErrorTail = 8 << 10;

    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(250);

    private static readonly string[] Inherited =
        ["PATH", "TMPDIR", "TEMP", "TMP", "SystemRoot", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TESSDATA_PREFIX"];

    /// <summary>Memory of one program, in MiB.</summary>
    public int MaxMegabytes { get; } = (options?.Value ?? new ProgramOptions()).MaxMegabytes;

    /// <summary>The limits of programs.</summary>
    internal ProgramOptions Limits { get; } = options?.Value ?? new ProgramOptions();

    /// <summary>Finds the path of a program; null if it is not installed.</summary>
    /// <param name="program">A path, or a bare name that is looked up in <c>PATH</c>.</param>
    public static string? Find(string program)
    {
        ArgumentException.ThrowIfNullOrEmpty(program);
        string[] names = OperatingSystem.IsWindows() && !Path.HasExtension(program) ? [program + ".exe"] : [program];
        // Process.Start would also look beside our executable and in the working directory, which may contain a dropped file.
        var folders = Path.GetFileName(program) == program
            ? (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathFullyQualified)
            : [Environment.CurrentDirectory];
        return folders.SelectMany(folder => names.Select(name => Path.Combine(folder, name))).FirstOrDefault(IsExecutable);
    }

    /// <summary>Runs a program and collects what it writes to standard output.</summary>
    /// <exception cref="OperationCanceledException">The call was cancelled; the program has ended.</exception>
    public async Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        using var collected = new MemoryStream();
        var result = await RunAsync(call, CollectAsync, cancellationToken);
        return result with { Output = collected.GetBuffer().AsMemory(0, (int)collected.Length) };

        async Task CollectAsync(Stream output, CancellationToken cancelled)
        {
            var buffer = new byte[32 << 10];
            int read;
            while ((read = await output.ReadAsync(buffer, cancelled)) > 0)
            {
                if (collected.Length + read > call.OutputLimit) throw new OutputLimitException();
                collected.Write(buffer, 0, read);
            }
        }
    }

    /// <summary>Runs a program whose standard output is read while it is written.</summary>
    /// <param name="call">The program; its output limit does not apply.</param>
    /// <param name="readOutput">A function that reads standard output, normally to its end. If it throws, the program is ended and the exception is
    /// passed on; if it returns early, the pipe is closed while the program runs.</param>
    /// <param name="cancellationToken">Cancels the call and ends the program.</param>
    /// <exception cref="OperationCanceledException">The call was cancelled; the program has ended.</exception>
    public async Task<ProgramResult> RunAsync(ProgramCall call, Func<Stream, CancellationToken, Task> readOutput, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(readOutput);
        cancellationToken.ThrowIfCancellationRequested();
        var startedAt = time.GetUtcNow();
        var start = time.GetTimestamp();
        var work = TimeSpan.Zero;
        using var process = Start(call);
        if (process is null) return Result(ProgramEnd.Missing, null, "");

        using var limit = call.WorkLimit is null ? new CancellationTokenSource(call.TimeLimit, time) : new CancellationTokenSource();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
        var errors = new StringBuilder();
        var watching = call.WorkLimit is null ? Task.CompletedTask : WatchAsync(call.WorkLimit.Value);
        try
        {
            if (!call.BoundsItsMemory) MemoryLimit.Set(process.Id, call.MaxBytes ?? ((long)MaxMegabytes << 20));
            await Task.WhenAll(
                OrEndAllAsync(ReadTailAsync(process.StandardError, errors, ending.Token)),
                OrEndAllAsync(FeedAsync(call.Input, process.StandardInput.BaseStream, ending.Token)),
                OrEndAllAsync(ReadAndCloseAsync(process.StandardOutput.BaseStream)));
            await process.WaitForExitAsync(ending.Token);
            return Result(ProgramEnd.Exited, process.ExitCode, errors.ToString());
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return Result(ProgramEnd.TimedOut, null, errors.ToString());
        }
        catch (OutputLimitException)
        {
            return Result(ProgramEnd.OutputLimitReached, null, errors.ToString());
        }
        finally
        {
            await ended.CancelAsync();
            await watching;
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }

        ProgramResult Result(ProgramEnd end, int? exitCode, string said) =>
            new(end, exitCode, ReadOnlyMemory<byte>.Empty, said, startedAt, time.GetElapsedTime(start)) { Work = work };

        // Ends the program when it has worked for long enough, or has not worked at all for its time limit.
        async Task WatchAsync(TimeSpan most)
        {
            var worked = time.GetTimestamp();
            try
            {
                while (work <= most && time.GetElapsedTime(worked) <= call.TimeLimit)
                {
                    await Task.Delay(WatchInterval, time, ended.Token);
                    process.Refresh();
                    var now = process.TotalProcessorTime;
                    if (now > work) worked = time.GetTimestamp();
                    work = now;
                }

                await limit.CancelAsync();
            }
            catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or Win32Exception)
            {
                // It has ended by itself.
            }
        }

        // If one pipe fails, the others must not keep waiting for a program that waits for the failed one.
        async Task OrEndAllAsync(Task pipe)
        {
            try
            {
                await pipe;
            }
            catch
            {
                await ending.CancelAsync();
                throw;
            }
        }

        async Task ReadAndCloseAsync(Stream output)
        {
            await using (output) await readOutput(output, ending.Token);
        }
    }

    private static Process? Start(ProgramCall call)
    {
        if (Find(call.Program) is not { } path) return null;
        var start = new ProcessStartInfo(path, call.Arguments)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.Environment.Clear();
        foreach (var name in Inherited)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value) start.Environment[name] = value;
        }

        // Messages are in English and names in UTF-8, whatever the host's own locale is.
        start.Environment["LC_ALL"] = "C.UTF-8";
        foreach (var (name, value) in call.Environment) start.Environment[name] = value;
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static async Task FeedAsync(Stream? input, Stream program, CancellationToken cancelled)
    {
        try
        {
            if (input is null) return;
            var buffer = new byte[64 << 10];
            int read;
            while ((read = await input.ReadAsync(buffer, cancelled)) > 0)
            {
                try
                {
                    await program.WriteAsync(buffer.AsMemory(0, read), cancelled);
                }
                catch (IOException)
                {
                    // The program has read enough or has ended; its exit code tells which.
                    return;
                }
            }
        }
        finally
        {
            program.Close();
        }
    }

    private static async Task ReadTailAsync(StreamReader errors, StringBuilder tail, CancellationToken cancelled)
    {
        var buffer = new char[1024];
        int read;
        while ((read = await errors.ReadAsync(buffer, cancelled)) > 0)
        {
            tail.Append(buffer, 0, read);
            if (tail.Length > ErrorTail) tail.Remove(0, tail.Length - ErrorTail);
        }
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows()
            || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);

    private sealed class OutputLimitException : Exception;
}
