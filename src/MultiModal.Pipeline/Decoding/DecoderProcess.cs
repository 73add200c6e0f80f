using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using MultiModal.Decoder;
using MultiModal.Pipeline.Programs;

namespace MultiModal.Pipeline.Decoding;

/// <summary>
/// Runs MultiModal.Decoder, which is beside this assembly. Libraries that are large, native or written for trusted files
/// process untrusted files there, with limits on memory and time, and without access to this process.
/// </summary>
public sealed class DecoderProcess(ProgramRunner programs, IOptions<DecoderOptions> options)
{
    private static readonly string Folder = AppContext.BaseDirectory;

    /// <summary>Memory of the process apart from what it decodes: the runtime, its code, and the libraries.</summary>
    private const long OwnBytes = 128L << 20;

    private readonly DecoderOptions options = options.Value;

    /// <param name="arguments">Arguments of <c>MultiModal.Decoder</c>, without the memory limit, which is added.</param>
    /// <param name="cancellationToken">Token that ends the process.</param>
    /// <returns>The end of the process, and its output; <c>step-timed-out</c> where it took too long.</returns>
    /// <exception cref="FileNotFoundException">The program is not beside this assembly: the installation is broken.</exception>
    internal async Task<Outcome<DecoderResult>> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var bytes = (long)options.MaxMegabytes << 20;
        var call = Call([.. arguments, (bytes + OwnBytes).ToString(CultureInfo.InvariantCulture)]) with
        {
            TimeLimit = TimeSpan.FromSeconds(options.TimeoutSeconds),
            OutputLimit = 256 << 20,
            BoundsItsMemory = true,
            Environment = new Dictionary<string, string>
            {
                ["DOTNET_GCHeapHardLimit"] = "0x" + bytes.ToString("X", CultureInfo.InvariantCulture),
                // Pipes for debuggers would remain after a process that is killed.
                ["DOTNET_EnableDiagnostics"] = "0",
                ["DOTNET_ROOT"] = DotnetRoot,
            },
        };
        var result = await programs.RunAsync(call, cancellationToken);
        return result.End switch
        {
            ProgramEnd.Exited => new DecoderResult((DecoderExit)result.ExitCode!, result.Output),
            ProgramEnd.OutputLimitReached => new DecoderResult(DecoderExit.TooLarge, ReadOnlyMemory<byte>.Empty),
            ProgramEnd.TimedOut => new Failure(
                FailureCodes.StepTimedOut,
                $"Reading the file took longer than Decoder:TimeoutSeconds ({options.TimeoutSeconds}). Start the batch again, raise the limit, "
                    + "or export the file anew.", Retryable: true),
            _ => throw new FileNotFoundException("MultiModal.Decoder could not be started: install the product again.", call.Program),
        };
    }

    /// <summary>Advice for a file that exceeds the limit.</summary>
    internal string TooMuchMemory(string what) =>
        $"Reading the {what} needs more memory than Decoder:MaxMegabytes ({options.MaxMegabytes}). Export it smaller, or raise the limit.";

    private static string DotnetRoot => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    /// <summary>Starts it by the runtime that runs this process, or (if published with a runtime of its own) by its own executable.</summary>
    private static ProgramCall Call(IReadOnlyList<string> arguments)
    {
        var runtime = Path.Combine(DotnetRoot, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        var program = Path.Combine(Folder, "MultiModal.Decoder");
        return File.Exists(runtime)
            ? new ProgramCall(runtime, [program + ".dll", .. arguments])
            : new ProgramCall(OperatingSystem.IsWindows() ? program + ".exe" : program, arguments);
    }
}

/// <summary>The end of a decoder process that was not stopped by us.</summary>
internal sealed record DecoderResult(DecoderExit Exit, ReadOnlyMemory<byte> Output);
