namespace MultiModal.Pipeline.Ai;

/// <summary>A time in which an engine is not asked, because it keeps failing and its fallback answers.</summary>
/// <param name="Since">When it was given up.</param>
/// <param name="Code">Code of its last failure, one of <see cref="FailureCodes"/>.</param>
public sealed record EngineOutage(DateTimeOffset Since, string Code);
