namespace MultiModal.Functions.Runs;

/// <summary>
/// A fault of a step that would only repeat itself in another try. A fault of neither this type nor <see cref="TransientFaultException"/>
/// comes from the host: the worker went away in the middle of the step.
/// </summary>
public sealed class StepFaultException(Exception fault) : Exception($"{fault?.GetType().Name}: {fault?.Message}", fault);

/// <summary>
/// A fault of storage or host after which the same step may succeed later. A retry policy sees only the type of an activity's exception,
/// so the type carries the verdict of <see cref="Pipeline.Storage.StorageFaults"/>.
/// </summary>
public sealed class TransientFaultException(Exception fault) : Exception($"{fault?.GetType().Name}: {fault?.Message}", fault);
