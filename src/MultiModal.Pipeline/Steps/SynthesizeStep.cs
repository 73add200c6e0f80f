using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Synthesis;

namespace MultiModal.Pipeline.Steps;

/// <summary><c>synthesize</c>: has a model write one group of the synthesis tree.</summary>
internal sealed class SynthesizeStep(RunStore runs, StepRunner runner, MeteredCalls calls, EngineSet engines) : IStep<SynthesisNode, StepResult>
{
    public static readonly Step<SynthesisNode, StepResult> Definition = Step.Contained<SynthesisNode>(StepNames.Synthesize);

    /// <summary>Version of the step, raised when a change to the code changes the step's answers.</summary>
    private const int SynthesizeVersion = 1;

    public string Name => StepNames.Synthesize;

    public Task<StepResult> RunAsync(SynthesisNode input, CancellationToken cancellationToken) =>
        runner.RunAsync(input, Name, token => WorkAsync(input, token), cancellationToken);

    private async Task<StepWork> WorkAsync(SynthesisNode node, CancellationToken cancellationToken)
    {
        var text = engines.Text!;
        var options = await runs.ReadOptionsAsync(node.Run, cancellationToken);
        var group = await runs.ReadGroupAsync<SynthesisGroup>(node, cancellationToken)
            ?? throw new InvalidOperationException("The group was planned and is gone: the run's state was deleted under it.");
        if (group.Known is { } single) return StepWork.Done(single);

        ContentHash[] hashes = group.FormerHash is { } former ? [group.Hash(), former] : [group.Hash()];
        CacheKey[] keys = [.. hashes.SelectMany(hash => KeysOf(text, hash, options))];
        var request = new SynthesisRequest(group.Inputs, options.Instructions, options.WrittenIn) { Patient = options.IsPatient };
        var estimate = text.Estimate(request);
        var asked = new CallSubject(node.Run, Name, keys, text.Identity, estimate, estimate);
        if (text.Fallback is { } fallback)
        {
            var instead = fallback.Estimate(request);
            asked = asked with
            {
                Fallback = new(KeyOf(null, hashes[0], options), fallback.Identity, KeyOf(fallback.Identity, hashes[0], options), instead, instead),
            };
        }

        await using var call = await calls.BeginAsync<SynthesisDocument>(asked, cancellationToken);
        return call.Work ?? await call.CompleteAsync(await text.SynthesizeAsync(request, cancellationToken), cancellationToken);
    }

    private static CacheKey[] KeysOf(ITextEngine text, ContentHash hash, BatchOptions options) =>
    [
        .. text.Identity.WithEarlier.Select(engine => KeyOf(engine, hash, options)),
        .. text.Fallback is { } fallback ? KeysOf(fallback, hash, options) : [],
    ];

    /// <param name="engine">The engine that is asked; null for the question whichever engine answers.</param>
    /// <param name="hash">Hash of the group's inputs.</param>
    /// <param name="options">Options of the batch.</param>
    private static CacheKey KeyOf(EngineIdentity? engine, ContentHash hash, BatchOptions options) =>
        CacheKey.Create(StepNames.Synthesize, hash, SynthesizeVersion, engine, options.Instructions, options.WrittenIn);
}
