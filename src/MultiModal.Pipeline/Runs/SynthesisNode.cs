using MultiModal.Pipeline.Batches;

namespace MultiModal.Pipeline.Runs;

/// <summary>One group of a level of the synthesis tree.</summary>
public sealed record SynthesisNode(RunReference Run, int Level, int Group) : IStepInput;

/// <summary>A level of the synthesis tree: 0 reads the items, each next one what the level below made.</summary>
public sealed record SynthesisLevel(RunReference Run, int Level) : IStepInput;

/// <summary>How many groups a level of the tree has; 0 where there is nothing to synthesize or the run is superseded, cancelled or failed.</summary>
public sealed record SynthesisPlan(int Groups);
