namespace MultiModal.Pipeline.Costs;

/// <summary>A call that a run would make.</summary>
/// <param name="Estimate">What it would use.</param>
/// <param name="Known">Its answer is in the cache.</param>
internal sealed record PlannedCall(CallEstimate Estimate, bool Known);
