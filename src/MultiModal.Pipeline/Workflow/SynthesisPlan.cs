namespace MultiModal.Pipeline.Workflow;

/// <summary>How many groups a level of the tree has; 0 where there is nothing to synthesize or the run is superseded, cancelled or failed.</summary>
public sealed record SynthesisPlan(int Groups);
