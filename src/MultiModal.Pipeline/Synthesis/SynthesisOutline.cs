namespace MultiModal.Pipeline.Synthesis;

/// <summary>The tree as far as it is planned, for the report.</summary>
/// <param name="Levels">Number of groups in each level, beginning with the level of the items.</param>
/// <param name="Reason">Reason for a missing synthesis; null while there may be one.</param>
/// <param name="Lost">Groups that are missing from the levels above.</param>
public sealed record SynthesisOutline(IReadOnlyList<int> Levels, Failure? Reason, IReadOnlyList<LostNode> Lost)
{
    public const string DocumentName = "synthesis-plan";
}

/// <summary>A group that could not be synthesized, so that the levels above are made without it.</summary>
public sealed record LostNode(int Level, int Group, Failure Failure);
