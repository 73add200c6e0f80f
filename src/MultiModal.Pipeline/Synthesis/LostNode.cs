namespace MultiModal.Pipeline.Synthesis;

/// <summary>A group that could not be synthesized, so that the levels above it are made without it.</summary>
public sealed record LostNode(int Level, int Group, Failure Failure);
