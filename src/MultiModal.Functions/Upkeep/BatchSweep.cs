using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MultiModal.Functions.Batches;
using MultiModal.Functions.Hosting;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Functions.Upkeep;

/// <summary>
/// Finds what events missed: batches that have changed since their last run, wake-ups that never came, and runs that no longer exist. It
/// makes two listings and reads blobs only for batches that are marked as running.
/// </summary>
public sealed partial class BatchSweep(
    InboxListing inbox,
    BatchStore store,
    RunStore runs,
    DurableBatchHost host,
    DurableClients clients,
    IOptions<PipelineOptions> options,
    TimeProvider time,
    ILogger<BatchSweep> logger)
{
    /// <summary>Time that the task hub may take to show the outcome of a run that is known to have begun.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Time that a message between a batch's entity and its run may wait in the task hub behind those of other batches. An orchestration
    /// that an entity starts has no instance in the hub before its first episode, so a waiting run cannot be distinguished from a lost
    /// one.
    /// </summary>
    private static readonly TimeSpan Backlog = TimeSpan.FromMinutes(30);

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        // The batches are read first: if a run changes one in between, its old digest is compared, and it is only looked at once more.
        var cards = (await store.ListAsync(prefix: null, after: null, cancellationToken)).ToDictionary(c => c.Batch);
        var digests = await DigestsAsync(cancellationToken);
        var missed = 0;
        foreach (var (batch, digest) in digests)
        {
            if (cards.TryGetValue(batch, out var known) && !IsMissed(known, digest)) continue;
            missed++;
            await host.SignalSweptAsync(batch, digest, cancellationToken);
        }

        foreach (var emptied in cards.Values.Where(
            c => c is { Phase: BatchPhase.Resting or BatchPhase.Held, IsEmpty: false } && !digests.ContainsKey(c.Batch)))
        {
            missed++;
            await host.SignalSweptAsync(emptied.Batch, digest: null, cancellationToken);
        }

        var lost = 0;
        foreach (var card in cards.Values.Where(c => c.Phase == BatchPhase.Running))
        {
            if (!await IsLostAsync(card, cancellationToken)) continue;
            lost++;
            LogLost(card.Batch.Value, card.RunSeq);
            await host.SignalLostAsync(card.Batch, card.RunSeq, cancellationToken);
        }

        LogSwept(digests.Count, missed, lost);
    }

    /// <summary>Whether the batch's entity must look; only the entity knows whether a wake-up is overdue.</summary>
    private static bool IsMissed(BatchCard card, string digest) => card.Phase switch
    {
        BatchPhase.Resting => card.LastDigest != digest || card.IsEmpty,
        BatchPhase.Quiet => true,
        BatchPhase.Held => card.HeldFor == HoldReason.Upload,
        _ => false,
    };

    private async Task<bool> IsLostAsync(BatchCard card, CancellationToken cancellationToken)
    {
        var instance = await clients.Current.GetInstanceAsync(
            BatchSignals.InstanceOf(card.Batch, card.RunSeq), getInputsAndOutputs: false, cancellationToken);
        if (instance is { RuntimeStatus: OrchestrationRuntimeStatus.Running or OrchestrationRuntimeStatus.Pending
            or OrchestrationRuntimeStatus.Suspended }) return false;
        var since = instance?.LastUpdatedAt ?? (await store.ReadAsync(card.Batch, cancellationToken))?.Value.StartedAt;
        var patience = instance switch
        {
            // If the run left its inventory, it began and was purged later.
            null => await runs.ReadHeaderAsync(new RunReference(card.Batch, card.RunSeq), cancellationToken) is null ? Backlog : Settling,

            // The run has told its batch that it ended.
            { RuntimeStatus: OrchestrationRuntimeStatus.Completed } => Backlog,
            _ => Settling,
        };
        return since is null || time.GetUtcNow() - since > patience;
    }

    private async Task<Dictionary<BatchName, string>> DigestsAsync(CancellationToken cancellationToken)
    {
        var batches = new Dictionary<BatchName, List<InboxBlob>>();
        await foreach (var blob in inbox.ListAllAsync(cancellationToken))
        {
            if (!BatchName.FromBlob(blob.Name, options.Value.BatchDepth, out var batch)) continue;
            if (!batches.TryGetValue(batch, out var blobs)) batches[batch] = blobs = [];
            blobs.Add(blob);
        }

        return batches.ToDictionary(b => b.Key, b => InboxListing.Digest(b.Value.OrderBy(x => x.Name, StringComparer.Ordinal)));
    }

    [LoggerMessage(LogLevel.Warning, "{Batch} run {RunSeq} should be under way and is not. Its batch runs again")]
    private partial void LogLost(string batch, int runSeq);

    [LoggerMessage(LogLevel.Information, "Swept {Batches} batches: {Missed} to look at, {Lost} lost runs")]
    private partial void LogSwept(int batches, int missed, int lost);
}
