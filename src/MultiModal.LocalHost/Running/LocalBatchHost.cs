using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using MultiModal.LocalHost.Hosting;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Webhooks;

namespace MultiModal.LocalHost.Running;

/// <summary>
/// The batches of an account in one process. <see cref="BatchMachine"/> decides each event on the stored state, the new state is stored
/// against its ETag, and only then is the decision carried out, by a timer or a place in the queue of runs. Work lost between the two is
/// found again at the next start or sweep.
/// </summary>
internal sealed partial class LocalBatchHost : IBatchHost, IAsyncDisposable
{
    public const string LocalKind = "local";

    private const int CachedStates = 4000;
    private const int Turns = 64;

    /// <summary>Pauses between tries to store a batch's state.</summary>
    private static readonly Backoff StorePauses = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(32));

    private readonly BatchStore store;
    private readonly RunStore runs;
    private readonly BatchWake wake;
    private readonly BatchRunner runner;
    private readonly CompletionWebhook webhook;
    private readonly WebhookQueue webhooks;
    private readonly LocalHostOptions options;
    private readonly TimeSpan quietPeriod;
    private readonly TimeProvider time;
    private readonly ILogger<LocalBatchHost> logger;
    private readonly RunQueue queue = new();
    private readonly ConcurrentDictionary<BatchName, ITimer> wakeUps = new();
    private readonly CancellationTokenSource draining = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim[] turns = [.. Enumerable.Range(0, Turns).Select(_ => new SemaphoreSlim(1, 1))];
    private readonly Lock starting = new();

    /// <summary>States as this process has stored them. It owns the account alone, so that nobody else changes them.</summary>
    private readonly RecentlyUsed<BatchName, JsonBlob<BatchState>> written = new(CachedStates, _ => 1);
    private Task[] workers = [];
    private Task? stopped;
    private TaskCompletionSource stored = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LocalBatchHost(
        MediaAccount account,
        BatchStore store,
        RunStore runs,
        BatchWake wake,
        BatchRunner runner,
        CompletionWebhook webhook,
        WebhookQueue webhooks,
        IOptions<LocalHostOptions> options,
        IOptions<PipelineOptions> pipeline,
        TimeProvider time,
        ILogger<LocalBatchHost> logger)
    {
        (this.store, this.runs, this.wake, this.runner, this.webhook, this.webhooks) = (store, runs, wake, runner, webhook, webhooks);
        (this.options, this.time, this.logger) = (options.Value, time, logger);
        quietPeriod = pipeline.Value.QuietPeriodFor(account.IsEmulated);
    }

    public string Kind => LocalKind;

    /// <summary>Whether a run is under way or waits for its turn.</summary>
    public bool IsBusy => !queue.IsEmpty;

    /// <summary>Completes when this process stores a batch's state the next time.</summary>
    public Task NextChange => Volatile.Read(ref stored).Task;

    /// <summary>Resumes the work of the previous process: runs keep their numbers, and wake-ups their times.</summary>
    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        foreach (var card in await store.ListAsync(prefix: null, after: null, cancellationToken)) await ResumeAsync(card, cancellationToken);
    }

    /// <summary>
    /// Resumes a batch found in a listing. Its state is read only if this process does not handle it yet, since thousands may wait for
    /// their turn.
    /// </summary>
    public async Task ResumeAsync(BatchCard card, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(card);
        var isLost = card.Phase switch
        {
            BatchPhase.Running => !queue.Contains(card.Batch, card.RunSeq),
            BatchPhase.Quiet => !wakeUps.ContainsKey(card.Batch),
            _ => false,
        };
        if (isLost) await ResumeAsync(card.Batch, cancellationToken);
    }

    /// <summary>Resumes one batch.</summary>
    public async Task ResumeAsync(BatchName batch, CancellationToken cancellationToken)
    {
        if (await ReadStateAsync(batch, cancellationToken) is not { } state) return;
        switch (state.Phase)
        {
            case BatchPhase.Running when !queue.Contains(batch, state.RunSeq):
                LogResumed(batch.Value, state.RunSeq);
                var run = state.LatestRun() with { Scope = state.StartAgain ? RunScope.All : state.Scope };
                Enqueue(run, hasLooked: await runs.ReadHeaderAsync(run, cancellationToken) is not null);
                break;
            case BatchPhase.Quiet when !wakeUps.ContainsKey(batch):
                Arm(batch, state.QuietUntil ?? time.GetUtcNow());
                break;
            default:
                break;
        }
    }

    public Task SignalDroppedAsync(BatchName batch, CancellationToken cancellationToken) =>
        SignalAsync(batch, state => BatchMachine.Dropped(state, time.GetUtcNow(), quietPeriod), cancellationToken);

    public Task SignalStartAsync(BatchName batch, RunScope scope, CancellationToken cancellationToken) =>
        SignalAsync(batch, state => BatchMachine.StartRequested(state, time.GetUtcNow(), scope), cancellationToken);

    public async Task<BatchState?> ReadStateAsync(BatchName batch, CancellationToken cancellationToken) =>
        written.TryGet(batch, out var own) ? own.Value : (await store.ReadAsync(batch, cancellationToken))?.Value;

    public async Task ForgetAsync(BatchName batch, CancellationToken cancellationToken)
    {
        Disarm(batch);
        written.TryTake(batch, out _);
        await store.DeleteAsync(batch, cancellationToken);
    }

    /// <summary>Handles a batch that a listing shows changed since the previous one.</summary>
    /// <returns>False if it is not known yet whether the current run has seen the change; the caller should ask again.</returns>
    public async Task<bool> SignalChangedAsync(BatchName batch, string digest, CancellationToken cancellationToken)
    {
        // Thousands of batches may wait for their turn, so no listing reads their states. Their runs look again, and not at an earlier listing.
        wake.ForgetLook(batch);
        if (queue.WillLook(batch)) return true;

        var certain = true;
        await ApplyAsync(
            batch,
            async state =>
            {
                var seen = state.Phase == BatchPhase.Running
                    ? (await runs.ReadHeaderAsync(new RunReference(batch, state.RunSeq, BatchSince: state.Since), cancellationToken))?.Digest
                    : state.LastDigest;
                certain = state.Phase != BatchPhase.Running || seen is not null;
                return !certain || (seen == digest && state.Phase is (BatchPhase.Running or BatchPhase.Resting))
                    ? new BatchDecision(state)
                    : BatchMachine.Dropped(state, time.GetUtcNow(), quietPeriod);
            },
            cancellationToken);
        return certain;
    }

    /// <summary>Handles the result of a sweep, regardless of earlier signals.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="digest">Digest of the batch's files; null if there are none.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task SignalSweptAsync(BatchName batch, string? digest, CancellationToken cancellationToken) =>
        ApplyAsync(
            batch,
            async state => BatchMachine.Swept(
                state, time.GetUtcNow(), digest, state.HeldFor == HoldReason.Upload && await wake.IsUploadingAsync(batch, cancellationToken),
                quietPeriod),
            cancellationToken);

    /// <summary>Begins no further run and no further step; steps under way have the grace time to end.</summary>
    public Task StopAsync()
    {
        lock (starting) return stopped ??= StopOnceAsync();
    }

    /// <summary>Stops all work at once, because another owner may be doing it.</summary>
    public async Task GiveUpAsync()
    {
        await draining.CancelAsync();
        await stopping.CancelAsync();
        await StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        draining.Dispose();
        stopping.Dispose();
        foreach (var turn in turns) turn.Dispose();
    }

    private async Task StopOnceAsync()
    {
        await Task.Yield();
        await draining.CancelAsync();
        foreach (var batch in wakeUps.Keys) Disarm(batch);
        Task all;
        lock (starting) all = Task.WhenAll(workers);
        if (await Task.WhenAny(all, Task.Delay(options.ShutdownGrace, time)) != all) LogGraceOver(options.ShutdownGrace);
        await stopping.CancelAsync();
        await all;
    }

    private Task ApplyAsync(BatchName batch, Func<BatchState, BatchDecision> decide, CancellationToken cancellationToken) =>
        ApplyAsync(batch, state => Task.FromResult(decide(state)), cancellationToken);

    /// <summary>Handles an event from outside, which the next inventory must see.</summary>
    private Task SignalAsync(BatchName batch, Func<BatchState, BatchDecision> decide, CancellationToken cancellationToken)
    {
        wake.ForgetLook(batch);
        return ApplyAsync(batch, decide, cancellationToken);
    }

    private async Task ApplyAsync(BatchName batch, Func<BatchState, Task<BatchDecision>> decide, CancellationToken cancellationToken)
    {
        // One event of a batch at a time, so that what was stored last is also what is kept.
        var turn = turns[(uint)batch.GetHashCode() % Turns];
        await turn.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                var known = written.TryTake(batch, out var own) ? own : await store.ReadAsync(batch, cancellationToken);
                var before = known?.Value ?? new BatchState { Batch = batch };
                var decision = await decide(before);
                var after = decision.State == before ? known : await store.TryReplaceAsync(decision.State, known?.ETag, cancellationToken);
                if (after is null && decision.State != before) continue;
                if (after is not null) written.Set(batch, after);
                if (after != known) Interlocked.Exchange(ref stored, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
                if (decision.WakeAt is { } at) Arm(batch, at);
                if (decision.Start is { } run) Enqueue(run, hasLooked: false);
                return;
            }
        }
        finally
        {
            turn.Release();
        }
    }

    private void Arm(BatchName batch, DateTimeOffset at)
    {
        if (draining.IsCancellationRequested) return;

        // A time that an earlier process stored may be from another clock, so no pause exceeds the longest.
        var delay = TimeSpan.FromTicks(Math.Clamp((at - time.GetUtcNow()).Ticks, 0, Math.Max(quietPeriod.Ticks, BatchMachine.LongestPause.Ticks)));
        var timer = time.CreateTimer(_ => _ = WakeAsync(batch), null, delay, Timeout.InfiniteTimeSpan);
        wakeUps.AddOrUpdate(batch, timer, (_, earlier) =>
        {
            earlier.Dispose();
            return timer;
        });
    }

    private void Disarm(BatchName batch)
    {
        if (wakeUps.TryRemove(batch, out var timer)) timer.Dispose();
    }

    private async Task WakeAsync(BatchName batch)
    {
        Disarm(batch);
        try
        {
            await PersistAsync("wake-up", batch, async token =>
            {
                var readiness = await wake.ReadAsync(batch, token);
                await ApplyAsync(batch, state => BatchMachine.Woke(state, time.GetUtcNow(), readiness, quietPeriod), token);
            }, draining.Token);
        }
        catch (OperationCanceledException)
        {
            // The host stops; the stored state restores the wake-up.
        }
    }

    private void Enqueue(RunReference run, bool hasLooked)
    {
        queue.Add(run, hasLooked);
        lock (starting)
        {
            if (workers.Length == 0
                && !draining.IsCancellationRequested) workers = [.. Enumerable.Range(0, options.MaxParallelRuns).Select(_ => Task.Run(WorkAsync))];
        }
    }

    private async Task WorkAsync()
    {
        try
        {
            await foreach (var run in queue.TakeAsync(draining.Token))
            {
                await RunToEndAsync(run);
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops; waiting runs remain in the states of their batches.
        }
    }

    private async Task RunToEndAsync(RunReference run)
    {
        var result = null as RunResult;
        try
        {
            // The run may have ended or been deleted while it waited.
            var state = await ReadStateAsync(run.Batch, draining.Token);
            if (state is not { Phase: BatchPhase.Running } || state.RunSeq != run.RunSeq)
            {
                queue.Remove(run);
                return;
            }

            LogStarted(run.Batch.Value, run.RunSeq);
            result = await runner.RunAsync(run, draining.Token, stopping.Token);
        }
        catch (OperationCanceledException) when (draining.IsCancellationRequested)
        {
            LogInterrupted(run.Batch.Value, run.RunSeq);
            return;
        }
        catch (Exception e)
        {
            // A broken run becomes an event of its batch here, and is tried again.
            LogBroken(e, run.Batch.Value, run.RunSeq);
        }

        try
        {
            await PersistAsync("end", run.Batch, token => FinishAsync(run, result, token), stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // The report is written and the steps are recorded; when resumed, the run ends at once.
        }
        finally
        {
            queue.Remove(run);
        }
    }

    private async Task FinishAsync(RunReference run, RunResult? result, CancellationToken cancellationToken)
    {
        if (result is not null)
        {
            LogFinished(run.Batch.Value, run.RunSeq, result.Status);
            if (await webhook.NoteAsync(run, result, cancellationToken)) webhooks.Wake();
        }

        await ApplyAsync(run.Batch, state => BatchMachine.Finished(state, time.GetUtcNow(), run.RunSeq, result, quietPeriod), cancellationToken);
        await runs.DeleteOlderAsync(run, cancellationToken);
    }

    /// <summary>Retries until storage accepts the write: an event that is not stored would leave its batch unchanged.</summary>
    private async Task PersistAsync(string what, BatchName batch, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                await work(cancellationToken);
                return;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotStored(e, batch.Value, what, failures);
            }

            await Task.Delay(StorePauses.After(failures), time, cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Batch} run {RunSeq}: started")]
    private partial void LogStarted(string batch, int runSeq);

    [LoggerMessage(LogLevel.Information, "{Batch} run {RunSeq}: {Status}")]
    private partial void LogFinished(string batch, int runSeq, RunStatus status);

    [LoggerMessage(LogLevel.Information, "{Batch} run {RunSeq}: resumed, because a host ended during it")]
    private partial void LogResumed(string batch, int runSeq);

    [LoggerMessage(LogLevel.Information, "{Batch} run {RunSeq}: interrupted. The next start resumes it")]
    private partial void LogInterrupted(string batch, int runSeq);

    [LoggerMessage(LogLevel.Error, "{Batch} run {RunSeq}: ended without a report. It is tried again after a pause")]
    private partial void LogBroken(Exception fault, string batch, int runSeq);

    [LoggerMessage(LogLevel.Warning, "{Batch}: {Event} could not be stored (attempt {Try}). It is tried again")]
    private partial void LogNotStored(Exception fault, string batch, string @event, int @try);

    [LoggerMessage(LogLevel.Warning, "Steps were still under way after {Grace}. They are given up, and the next start does them again")]
    private partial void LogGraceOver(TimeSpan grace);
}
