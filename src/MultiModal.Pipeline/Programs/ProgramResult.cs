namespace MultiModal.Pipeline.Programs;

/// <summary>Result of a program's run.</summary>
/// <param name="End">How the program ended.</param>
/// <param name="ExitCode">Exit code; null unless the program ended by itself. If a signal ended it on Unix, this is 128 plus the signal.</param>
/// <param name="Output">Collected standard output; empty if a reader received it.</param>
/// <param name="Errors">The last 8 KiB of standard error, read as UTF-8.</param>
/// <param name="StartedAt">Time of the start.</param>
/// <param name="Duration">Time from start to end.</param>
public sealed record ProgramResult(
    ProgramEnd End,
    int? ExitCode,
    ReadOnlyMemory<byte> Output,
    string Errors,
    DateTimeOffset StartedAt,
    TimeSpan Duration)
{
    /// <summary>CPU time of the program, as it was seen last; zero without a <see cref="ProgramCall.WorkLimit"/>.</summary>
    public TimeSpan Work { get; init; }

    /// <summary>What programs and their libraries write when memory is refused: strerror(ENOMEM), C++, shells.</summary>
    private static readonly string[] Refusals = ["cannot allocate", "bad_alloc", "out of memory"];

    /// <summary>Whether the program ended by itself with exit code 0.</summary>
    public bool Succeeded => End == ProgramEnd.Exited && ExitCode == 0;

    /// <summary>Whether the program failed and says that it was refused memory.</summary>
    public bool RanOutOfMemory =>
        End == ProgramEnd.Exited && ExitCode != 0 && Refusals.Any(r => Errors.Contains(r, StringComparison.OrdinalIgnoreCase));
}
