using MultiModal.Pipeline.Batches;

namespace MultiModal.Pipeline.Runs;

/// <summary>A step of a run: the workflow calls it by this definition, and every host finds its implementation by it.</summary>
/// <typeparam name="TInput">Input of the step: a reference, never content.</typeparam>
/// <typeparam name="TResult">Result of the step: counts and codes, under 16 KB as JSON.</typeparam>
/// <param name="Name">Name in reports, logs and cache keys; also the name of the activity on Durable Functions.</param>
public sealed record Step<TInput, TResult>(string Name) where TInput : IStepInput
{
    /// <summary>
    /// Creates the result that the workflow gets after every try has failed, so that one item never breaks the fan-out. It is null for a
    /// step without which there is no run: its fault ends the run.
    /// </summary>
    public Func<string, TResult>? Abandoned { get; init; }
}

/// <summary>Creates definitions of steps.</summary>
public static class Step
{
    /// <summary>
    /// Creates a step that can fail without ending the run: when abandoned, it returns a failed result with the code
    /// <c>step-abandoned</c>.
    /// </summary>
    public static Step<TInput, StepResult> Contained<TInput>(string name) where TInput : IStepInput =>
        new(name) { Abandoned = code => new StepResult(StepStatus.Failed, code) };
}

/// <summary>The implementation of a step.</summary>
public interface IStep
{
    /// <summary>Name of the implemented step.</summary>
    string Name { get; }
}

/// <summary>
/// The implementation of a step. A failure of the item is a result; an exception is a fault of storage or host, which the host retries.
/// </summary>
public interface IStep<TInput, TResult> : IStep where TInput : IStepInput
{
    Task<TResult> RunAsync(TInput input, CancellationToken cancellationToken);
}
