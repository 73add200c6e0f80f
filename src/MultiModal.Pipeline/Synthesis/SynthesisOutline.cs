namespace MultiModal.Pipeline.Synthesis;

/// <summary>The tree as far as it was planned, for the report.</summary>
/// <param name="Levels">Groups of each level, the items' own first.</param>
/// <param name="Reason">Why there is no synthesis; null while there may be one.</param>
/// <param name="Lost">Groups that the levels above are made without.</param>
public sealed record SynthesisOutline(IReadOnlyList<int> Levels, Failure? Reason, IReadOnlyList<LostNode> Lost)
{
    public const string DocumentName = "synthesis-plan";
}

/// <summary>A group that could not be synthesized, so that the levels above it are made without it.</summary>
public sealed record LostNode(int Level, int Group, Failure Failure);
