using System.Globalization;
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
        var call = OwnProgram.Call("MultiModal.Decoder", [.. arguments, (bytes + OwnBytes).ToString(CultureInfo.InvariantCulture)]) with
        {
            TimeLimit = TimeSpan.FromSeconds(options.TimeoutSeconds),
            OutputLimit = 256 << 20,
            BoundsItsMemory = true,
            Environment = new Dictionary<string, string>(OwnProgram.Environment)
            {
                ["DOTNET_GCHeapHardLimit"] = "0x" + bytes.ToString("X", CultureInfo.InvariantCulture),
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
}

/// <summary>The end of a decoder process that was not stopped by us.</summary>
internal sealed record DecoderResult(DecoderExit Exit, ReadOnlyMemory<byte> Output);
