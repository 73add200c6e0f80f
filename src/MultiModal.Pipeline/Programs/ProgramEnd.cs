namespace MultiModal.Pipeline.Programs;

/// <summary>How a program came to its end.</summary>
public enum ProgramEnd
{
    /// <summary>By itself; the exit code says how.</summary>
    Exited,

    /// <summary>It is not installed (or may not be executed), so nothing ran.</summary>
    Missing,

    /// <summary>Ended by us at its time limit.</summary>
    TimedOut,

    /// <summary>Ended by us because it wrote more than its output limit.</summary>
    OutputLimitReached,
}
