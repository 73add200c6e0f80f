namespace MultiModal.Pipeline.Workflow;

/// <summary>What a run looks at.</summary>
public enum RunScope
{
    /// <summary>Every item; what is cached costs nothing.</summary>
    All,

    /// <summary>Items that succeeded in the last run with the same content are carried over as they are.</summary>
    Failed,
}
