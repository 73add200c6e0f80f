namespace MultiModal.Pipeline;

/// <summary>Description of an expected failure: it is data, never an exception.</summary>
/// <param name="Code">Stable code in kebab-case, one of <see cref="FailureCodes"/>; it is part of the product's contract.</param>
/// <param name="Message">Message of one or two sentences for the person who dropped the file: what is wrong and what to do.</param>
/// <param name="Retryable">True if the same input may succeed later (a service was busy); false if it never will.</param>
public sealed record Failure(string Code, string Message, bool Retryable = false);
