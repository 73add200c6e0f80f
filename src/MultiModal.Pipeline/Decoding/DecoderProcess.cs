using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using MultiModal.Decoder;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Pipeline.Decoding;

/// <summary>
/// Runs MultiModal.Decoder, which lies beside this assembly: libraries that are large, native or written for well-meant files
/// meet strangers' files there, with an end to memory and time, and nothing of this process within reach.
/// </summary>
public sealed class DecoderProcess(ProgramRunner programs, IOptions<DecoderOptions> options) : IDisposable
{
    private static readonly string Folder = AppContext.BaseDirectory;

    /// <summary>Of the process beside what it decodes: the runtime, its code, and the libraries.</summary>
    private const long OwnBytes = 128L << 20;

    private readonly DecoderOptions options = options.Value;
    private readonly SemaphoreSlim slots = new(options.Value.MaxConcurrency);

    /// <param name="arguments">As <c>MultiModal.Decoder</c> takes them, but for the memory limit, which is added.</param>
    /// <param name="cancellationToken">Ends the process.</param>
    /// <returns>How it ended, and what it wrote; <c>step-timed-out</c> where it took too long.</returns>
    /// <exception cref="FileNotFoundException">The program is not where it belongs: the installation is broken.</exception>
    internal async Task<Outcome<DecoderResult>> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var bytes = (long)options.MaxMegabytes << 20;
        var call = Call([.. arguments, (bytes + OwnBytes).ToString(CultureInfo.InvariantCulture)]) with
        {
            TimeLimit = TimeSpan.FromSeconds(options.TimeoutSeconds),
            OutputLimit = 256 << 20,
            Environment = new Dictionary<string, string>
            {
                ["DOTNET_GCHeapHardLimit"] = "0x" + bytes.ToString("X", CultureInfo.InvariantCulture),
                // Pipes for debuggers would outlive a process that is killed.
                ["DOTNET_EnableDiagnostics"] = "0",
                ["DOTNET_ROOT"] = DotnetRoot,
            },
        };
        await slots.WaitAsync(cancellationToken);
        try
        {
            var result = await programs.RunAsync(call, cancellationToken);
            return result.End switch
            {
                ProgramEnd.Exited => new DecoderResult((DecoderExit)result.ExitCode!, result.Output),
                ProgramEnd.OutputLimitReached => new DecoderResult(DecoderExit.TooLarge, ReadOnlyMemory<byte>.Empty),
                ProgramEnd.TimedOut => new Failure(FailureCodes.StepTimedOut, $"Reading the file took longer than Decoder:TimeoutSeconds ({options.TimeoutSeconds}). Start the batch again, raise the limit, or export the file anew.", Retryable: true),
                _ => throw new FileNotFoundException("MultiModal.Decoder could not be started: install the product again.", call.Program),
            };
        }
        finally
        {
            slots.Release();
        }
    }

    /// <summary>What a person can do about a file that is too much for the limit.</summary>
    internal string TooMuchMemory(string what) =>
        $"Reading the {what} needs more memory than Decoder:MaxMegabytes ({options.MaxMegabytes}). Export it smaller, or raise the limit.";

    public void Dispose() => slots.Dispose();

    private static string DotnetRoot => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    /// <summary>By the runtime that runs us, else (published with a runtime of its own) by its own executable.</summary>
    private static ProgramCall Call(IReadOnlyList<string> arguments)
    {
        var runtime = Path.Combine(DotnetRoot, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        var program = Path.Combine(Folder, "MultiModal.Decoder");
        return File.Exists(runtime)
            ? new ProgramCall(runtime, [program + ".dll", .. arguments])
            : new ProgramCall(OperatingSystem.IsWindows() ? program + ".exe" : program, arguments);
    }
}

/// <summary>How a decoder process ended by itself.</summary>
internal sealed record DecoderResult(DecoderExit Exit, ReadOnlyMemory<byte> Output);
