namespace MultiModal.Pipeline.Programs;

/// <summary>What a program left behind.</summary>
/// <param name="End">How it ended.</param>
/// <param name="ExitCode">Null unless it ended by itself. On Unix 128 plus the signal, if a signal ended it.</param>
/// <param name="Output">Standard output, as far as it was collected; empty where a reader took it.</param>
/// <param name="Errors">The last 8 KiB of standard error, read as UTF-8.</param>
/// <param name="StartedAt">When it was started.</param>
/// <param name="Duration">From start to end.</param>
public sealed record ProgramResult(
    ProgramEnd End,
    int? ExitCode,
    ReadOnlyMemory<byte> Output,
    string Errors,
    DateTimeOffset StartedAt,
    TimeSpan Duration)
{
    /// <summary>Ended by itself with exit code 0.</summary>
    public bool Succeeded => End == ProgramEnd.Exited && ExitCode == 0;
}
