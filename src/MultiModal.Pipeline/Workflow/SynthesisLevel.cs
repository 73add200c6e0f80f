namespace MultiModal.Pipeline.Workflow;

/// <summary>A level of the synthesis tree: 0 reads the items, each next one what the level below made.</summary>
public sealed record SynthesisLevel(RunReference Run, int Level);
