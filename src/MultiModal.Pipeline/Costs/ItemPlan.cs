using MultiModal.Pipeline.Ai;

namespace MultiModal.Pipeline.Costs;

/// <summary>What a run would do for an item.</summary>
/// <param name="Engine">Who would be asked; null where nobody would.</param>
/// <param name="Calls">What would be asked.</param>
/// <param name="TextBytes">Of text that is read without asking anybody, in UTF-8.</param>
internal sealed record ItemPlan(EngineIdentity? Engine, IReadOnlyList<PlannedCall> Calls, long TextBytes = 0);
