namespace MultiModal.Pipeline;

/// <summary>Why something expected to go wrong now and then did: data, never an exception.</summary>
/// <param name="Code">Stable, kebab-case, one of <see cref="FailureCodes"/>; part of the product's contract.</param>
/// <param name="Message">One or two sentences for the person who dropped the file: what is wrong and what to do.</param>
/// <param name="Retryable">True if the same input may succeed later (a service was busy), false if it never will.</param>
public sealed record Failure(string Code, string Message, bool Retryable = false);
