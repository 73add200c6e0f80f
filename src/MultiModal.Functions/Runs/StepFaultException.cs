namespace MultiModal.Functions.Runs;

/// <summary>
/// A fault of a step that trying again would only repeat. What has neither this type nor <see cref="TransientFaultException"/>
/// comes from the host: the worker went away in the middle of the step.
/// </summary>
public sealed class StepFaultException(Exception fault) : Exception($"{fault?.GetType().Name}: {fault?.Message}", fault);

/// <summary>
/// A fault of storage or host that the same step may survive later. The type is all that a retry policy gets to see of
/// an activity's exception, so it says what <see cref="Pipeline.Storage.StorageFaults"/> found out.
/// </summary>
public sealed class TransientFaultException(Exception fault) : Exception($"{fault?.GetType().Name}: {fault?.Message}", fault);
