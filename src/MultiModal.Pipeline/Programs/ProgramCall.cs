namespace MultiModal.Pipeline.Programs;

/// <summary>A program to run once.</summary>
/// <param name="Program">A path, or a bare name that is looked up in <c>PATH</c> (and nowhere else).</param>
/// <param name="Arguments">Arguments, passed unchanged and without a shell.</param>
public sealed record ProgramCall(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>Content for standard input, which is then closed; null for none. The stream is not disposed.</summary>
    public Stream? Input { get; init; }

    /// <summary>Time after which the program and all its children are ended.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>True if the program bounds its memory itself, so that <see cref="ProgramOptions.MaxMegabytes"/> does not apply.</summary>
    public bool BoundsItsMemory { get; init; }

    /// <summary>Maximum bytes of standard output that are collected; a program that writes more is ended.</summary>
    public int OutputLimit { get; init; } = 16 << 20;

    /// <summary>Variables in addition to the clean environment (see <see cref="ProgramRunner"/>).</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
