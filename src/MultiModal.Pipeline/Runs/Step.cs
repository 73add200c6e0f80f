using MultiModal.Pipeline.Batches;

namespace MultiModal.Pipeline.Runs;

/// <summary>A step of a run, as the workflow calls it and as every host finds the code behind it.</summary>
/// <typeparam name="TInput">What goes in: a reference, never content.</typeparam>
/// <typeparam name="TResult">What comes back: counts and codes, under 16 KB as JSON.</typeparam>
/// <param name="Name">Name in reports, logs and cache keys; also the name of the activity on Durable Functions.</param>
public sealed record Step<TInput, TResult>(string Name) where TInput : IStepInput
{
    /// <summary>
    /// Makes the result that the workflow gets once every try has failed, so that one item never breaks the fan-out.
    /// Null for a step without which there is no run: its fault ends the run.
    /// </summary>
    public Func<string, TResult>? Abandoned { get; init; }
}

/// <summary>Makes steps.</summary>
public static class Step
{
    /// <summary>A step that can fail without ending the run: given up, it is a failed result with the code <c>step-abandoned</c>.</summary>
    public static Step<TInput, StepResult> Contained<TInput>(string name) where TInput : IStepInput =>
        new(name) { Abandoned = code => new StepResult(StepStatus.Failed, code) };
}

/// <summary>The code behind a step.</summary>
public interface IStep
{
    /// <summary>Name of the step that this is.</summary>
    string Name { get; }
}

/// <summary>The code behind a step. A failure that is the item's own is a result; an exception is a fault of storage or host, which the host retries.</summary>
public interface IStep<TInput, TResult> : IStep where TInput : IStepInput
{
    Task<TResult> RunAsync(TInput input, CancellationToken cancellationToken);
}
