namespace MultiModal.Pipeline.Programs;

/// <summary>A program to run once.</summary>
/// <param name="Program">A path, or a bare name that is looked up in <c>PATH</c> (and nowhere else).</param>
/// <param name="Arguments">Passed as they are; no shell reads them.</param>
public sealed record ProgramCall(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>Fed to standard input, which is then closed; null for none. Not disposed.</summary>
    public Stream? Input { get; init; }

    /// <summary>After this the program is ended with all its children.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Bytes of standard output that are collected at most; a program that writes more is ended.</summary>
    public int OutputLimit { get; init; } = 16 << 20;

    /// <summary>Variables on top of the clean environment (see <see cref="ProgramRunner"/>).</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
