namespace MultiModal.Functions.Runs;

/// <summary>
/// A fault of a step that trying again would only repeat. What has neither this type nor <see cref="TransientFaultException"/>
/// comes from the host: the worker went away in the middle of the step.
/// </summary>
public sealed class StepFaultException(Exception fault) : Exception($"{fault?.GetType().Name}: {fault?.Message}", fault);
