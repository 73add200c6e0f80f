namespace MultiModal.Pipeline.Workflow;

/// <summary>One group of a level of the synthesis tree.</summary>
public sealed record SynthesisNode(RunReference Run, int Level, int Group);
