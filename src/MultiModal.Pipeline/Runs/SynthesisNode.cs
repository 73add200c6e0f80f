using MultiModal.Pipeline.Batches;

namespace MultiModal.Pipeline.Runs;

/// <summary>One group of a level of the synthesis tree.</summary>
public sealed record SynthesisNode(RunReference Run, int Level, int Group) : IStepInput;

/// <summary>A level of the synthesis tree: level 0 reads the items, and each further level reads the documents of the one below.</summary>
public sealed record SynthesisLevel(RunReference Run, int Level) : IStepInput;

/// <summary>Number of groups in a level of the tree; 0 if there is nothing to synthesize or the run is superseded, cancelled or failed.</summary>
public sealed record SynthesisPlan(int Groups);
