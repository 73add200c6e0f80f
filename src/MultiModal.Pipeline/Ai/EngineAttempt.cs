namespace MultiModal.Pipeline.Ai;

/// <summary>One request to an engine (or one run of an offline program).</summary>
/// <param name="StartedAt">When it was sent.</param>
/// <param name="DurationMs">Until the answer was whole, or the attempt given up; milliseconds.</param>
/// <param name="Status">HTTP status, exit code of a program, or null where there was no answer at all.</param>
/// <param name="Code">Null for success, else one of <see cref="FailureCodes"/>.</param>
public sealed record EngineAttempt(DateTimeOffset StartedAt, long DurationMs, int? Status, string? Code);
