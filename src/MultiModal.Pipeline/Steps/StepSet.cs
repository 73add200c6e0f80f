using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Steps;

/// <summary>The implementations of all steps by name, for activities of Durable Functions and for local runs.</summary>
public sealed class StepSet(IEnumerable<IStep> steps)
{
    private readonly Dictionary<string, IStep> byName = steps.ToDictionary(s => s.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<string> Names => byName.Keys;

    /// <exception cref="Exception">There was a fault of storage or host, which the host retries. A failure of the item is a result.</exception>
    public Task<TResult> RunAsync<TInput, TResult>(Step<TInput, TResult> step, TInput input, CancellationToken cancellationToken)
        where TInput : IStepInput
    {
        ArgumentNullException.ThrowIfNull(step);
        return ((IStep<TInput, TResult>)byName[step.Name]).RunAsync(input, cancellationToken);
    }
}
