namespace MultiModal.Pipeline.Programs;

/// <summary>How a program ended.</summary>
public enum ProgramEnd
{
    /// <summary>The program ended by itself; the exit code tells the outcome.</summary>
    Exited,

    /// <summary>The program is not installed (or may not be executed), so nothing ran.</summary>
    Missing,

    /// <summary>We ended the program at its time limit.</summary>
    TimedOut,

    /// <summary>We ended the program because it wrote more than its output limit.</summary>
    OutputLimitReached,
}
