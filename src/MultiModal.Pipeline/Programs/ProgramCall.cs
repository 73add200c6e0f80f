namespace MultiModal.Pipeline.Programs;

/// <summary>A program to run once.</summary>
/// <param name="Program">A path, or a bare name that is looked up in <c>PATH</c> (and nowhere else).</param>
/// <param name="Arguments">Arguments, passed unchanged and without a shell.</param>
public sealed record ProgramCall(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>Content for standard input, which is then closed; null for none. The stream is not disposed.</summary>
    public Stream? Input { get; init; }

    /// <summary>Time after which the program and all its children are ended. With a <see cref="WorkLimit"/>, time without any work.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Time at work (CPU time of the program itself) after which it is ended; null for no such limit. It is looked at four times a second. A program
    /// that waits for a busy machine does not come nearer to it.
    /// </summary>
    public TimeSpan? WorkLimit { get; init; }

    /// <summary>True if the program bounds its memory itself, so that <see cref="ProgramOptions.MaxMegabytes"/> does not apply.</summary>
    public bool BoundsItsMemory { get; init; }

    /// <summary>Memory of the program, in bytes, in place of <see cref="ProgramOptions.MaxMegabytes"/>; null for that.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Maximum bytes of standard output that are collected; a program that writes more is ended.</summary>
    public int OutputLimit { get; init; } = 16 << 20;

    /// <summary>Variables in addition to the clean environment (see <see cref="ProgramRunner"/>).</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
