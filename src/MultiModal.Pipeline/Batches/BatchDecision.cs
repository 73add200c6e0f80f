using MultiModal.Pipeline.Workflow;

namespace MultiModal.Pipeline.Batches;

/// <summary>What an event leads to: the new state, and what the host has to do once it is stored.</summary>
/// <param name="State">To store.</param>
/// <param name="WakeAt">When to say <see cref="BatchMachine.Woke"/>; null for no new wake-up.</param>
/// <param name="Start">The run to start; null for none.</param>
public sealed record BatchDecision(BatchState State, DateTimeOffset? WakeAt = null, RunReference? Start = null);
