using Microsoft.Extensions.Options;
using MultiModal.LocalHost.Hosting;
using MultiModal.LocalHost.Running;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Storage;

namespace MultiModal.LocalHost.Watching;

/// <summary>
/// Detects drops by listing the inbox repeatedly: a batch has changed if its digest differs from the previous listing. At the start, and
/// at every sweep interval, all batches are compared with their last reports instead, so that no change is missed permanently.
/// </summary>
internal sealed partial class InboxWatcher : BackgroundService
{
    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(2);

    private readonly LocalBatchHost host;
    private readonly BatchStore store;
    private readonly InboxListing listing;
    private readonly int depth;
    private readonly TimeSpan sweepInterval;
    private readonly PollPace pace;
    private readonly TimeProvider time;
    private readonly ILogger<InboxWatcher> logger;
    private InboxView last = InboxView.Empty;
    private long? sweptAt;

    public InboxWatcher(
        LocalBatchHost host,
        MediaAccount account,
        BatchStore store,
        InboxListing listing,
        IOptions<LocalHostOptions> options,
        IOptions<PipelineOptions> pipeline,
        TimeProvider time,
        ILogger<InboxWatcher> logger)
    {
        (this.host, this.store, this.listing, this.time, this.logger) = (host, store, listing, time, logger);
        depth = pipeline.Value.BatchDepth;
        sweepInterval = options.Value.SweepInterval;
        var shortest = options.Value.PollIntervalFor(account.IsEmulated);
        pace = new PollPace(shortest, account.IsEmulated ? shortest : options.Value.MaxPollInterval);
    }

    /// <summary>Lists the inbox once and signals what changed.</summary>
    /// <returns>Whether anything changed.</returns>
    public async Task<bool> PollAsync(CancellationToken cancellationToken)
    {
        var view = await InboxView.ReadAsync(listing.ListAllAsync(cancellationToken), depth, cancellationToken);
        var sweep = sweptAt is not { } before || time.GetElapsedTime(before) >= sweepInterval;
        var changed = sweep ? await SweepAsync(view, cancellationToken) : await CompareAsync(view, cancellationToken);
        last = view;
        if (sweep) sweptAt = time.GetTimestamp();
        return changed;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var start = time.GetTimestamp();
            TimeSpan pause;
            try
            {
                pause = pace.After(await PollAsync(stoppingToken), time.GetElapsedTime(start), host.IsBusy);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFault(e);
                pause = AfterFault;
            }

            await Task.Delay(pause, time, stoppingToken);
        }
    }

    private async Task<bool> CompareAsync(InboxView view, CancellationToken cancellationToken)
    {
        var changed = false;
        foreach (var batch in view.Batches.Where(b => view.DigestOf(b) != last.DigestOf(b)).ToList())
        {
            changed = true;
            if (!await host.SignalChangedAsync(batch, await DigestAsync(view, batch, cancellationToken), cancellationToken)) view.Forget(batch);
        }

        foreach (var batch in last.Batches.Where(b => view.DigestOf(b) is null))
        {
            changed = true;
            await host.SignalSweptAsync(batch, digest: null, cancellationToken);
        }

        return changed;
    }

    private async Task<bool> SweepAsync(InboxView view, CancellationToken cancellationToken)
    {
        var cards = new Dictionary<BatchName, BatchCard>();
        foreach (var card in await store.ListAsync(prefix: null, after: null, cancellationToken))
        {
            cards[card.Batch] = card;
            await host.ResumeAsync(card, cancellationToken);
        }

        var changed = false;
        foreach (var card in cards.Values.Where(
            c => c is { Phase: BatchPhase.Resting or BatchPhase.Held, IsEmpty: false } && view.DigestOf(c.Batch) is null))
        {
            changed = true;
            await host.SignalSweptAsync(card.Batch, digest: null, cancellationToken);
        }

        foreach (var batch in view.Batches.ToList())
        {
            var digest = await DigestAsync(view, batch, cancellationToken);
            var card = cards.GetValueOrDefault(batch);
            if (card is { Phase: BatchPhase.Resting, IsEmpty: false } && card.LastDigest == digest) continue;
            changed = true;

            // A batch that was seen before is swept; a change since the previous listing counts as an ordinary drop.
            if (card is { Phase: BatchPhase.Running } || (last != InboxView.Empty && view.DigestOf(batch) != last.DigestOf(batch)))
            {
                if (!await host.SignalChangedAsync(batch, digest, cancellationToken)) view.Forget(batch);
            }
            else
            {
                await host.SignalSweptAsync(batch, digest, cancellationToken);
            }
        }

        return changed;
    }

    private async Task<string> DigestAsync(InboxView view, BatchName batch, CancellationToken cancellationToken) =>
        view.IsScattered(batch) ? InboxListing.Digest(await listing.ListBatchAsync(batch, cancellationToken)) : view.DigestOf(batch)!;

    [LoggerMessage(LogLevel.Warning, "The inbox could not be listed. It is tried again")]
    private partial void LogFault(Exception fault);
}
