using System.Runtime.CompilerServices;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Entities;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Functions.Batches;

/// <summary>
/// Handles the events of a batch one at a time: <see cref="BatchMachine"/> decides, and this class keeps the state, wakes itself and
/// starts runs. The state is projected to <see cref="BatchStore"/> before it is committed; for a batch at rest the entity stores nothing,
/// and only the projection keeps its state. Every operation names the batch, because a key does not reveal the name.
/// </summary>
public sealed partial class BatchEntity(
    BatchStore store,
    BatchWake wake,
    MediaAccount account,
    IOptions<PipelineOptions> options,
    TimeProvider time,
    ILogger<BatchEntity> logger) : TaskEntity<BatchState?>
{
    /// <summary>Delay before an event that failed because of storage is repeated.</summary>
    private static readonly TimeSpan FaultDelay = TimeSpan.FromSeconds(10);

    private TimeSpan QuietPeriod => options.Value.QuietPeriodFor(account.IsEmulated);

    [Function(nameof(BatchEntity))]
    public static Task Dispatch([EntityTrigger] TaskEntityDispatcher dispatcher)
    {
        ArgumentNullException.ThrowIfNull(dispatcher);
        return dispatcher.DispatchAsync<BatchEntity>();
    }

    public Task Dropped(BatchName batch) => DecideAsync(batch, batch, (state, now) => BatchMachine.Dropped(state, now, QuietPeriod));

    public async Task Woke(BatchName batch)
    {
        if (State is null) return;
        await DecideAsync(batch, batch, async (state, now) =>
            BatchMachine.Woke(
                state, now, state.Phase == BatchPhase.Quiet ? await wake.ReadAsync(batch, CancellationToken.None) : default, QuietPeriod));
    }

    public Task StartRequested(StartWish wish)
    {
        ArgumentNullException.ThrowIfNull(wish);
        return DecideAsync(wish.Batch, wish, (state, now) => BatchMachine.StartRequested(state, now, wish.Scope));
    }

    public Task Finished(RunEnd end)
    {
        ArgumentNullException.ThrowIfNull(end);
        return DecideAsync(end.Batch, end, (state, now) => BatchMachine.Finished(state, now, end.RunSeq, end.Result, QuietPeriod));
    }

    public Task Swept(SweptBatch swept)
    {
        ArgumentNullException.ThrowIfNull(swept);
        return DecideAsync(swept.Batch, swept, async (state, now) => BatchMachine.Swept(
            state, now, swept.Digest, state.HeldFor == HoldReason.Upload && await wake.IsUploadingAsync(swept.Batch, CancellationToken.None),
            QuietPeriod));
    }

    /// <summary>Handles the deletion of the batch. If a run is under way, the state is kept: the files may be gone, but the run is not.</summary>
    public void Forget(BatchName batch)
    {
        if (State is not { Phase: BatchPhase.Running }) State = null;
        LogForgotten(batch.Value, State is null);
    }

    protected override BatchState? InitializeState(TaskEntityOperation entityOperation) => null;

    private Task DecideAsync(
        BatchName batch, object input, Func<BatchState, DateTimeOffset, BatchDecision> decide, [CallerMemberName] string operation = "") =>
        DecideAsync(batch, input, (state, now) => Task.FromResult(decide(state, now)), operation);

    private async Task DecideAsync(
        BatchName batch, object input, Func<BatchState, DateTimeOffset, Task<BatchDecision>> decide, [CallerMemberName] string operation = "")
    {
        var now = time.GetUtcNow();
        try
        {
            var projected = State ?? (await store.ReadAsync(batch, CancellationToken.None))?.Value;
            var decision = await decide(State ?? Recall(batch, projected), now);
            if (decision.State != projected && (projected is not null || decision.State != new BatchState { Batch = batch }))
            {
                await store.WriteAsync(decision.State, CancellationToken.None);
            }

            if (decision.WakeAt is { } at) Context.SignalEntity(Context.Id, nameof(Woke), batch, new SignalEntityOptions { SignalTime = at });
            if (decision.Start is { } run)
            {
                Context.ScheduleNewOrchestration(
                    BatchSignals.RunOrchestration, run, new StartOrchestrationOptions(BatchSignals.InstanceOf(batch, run.RunSeq)));
                LogStarted(batch.Value, run.RunSeq);
            }

            State = decision.State is { Phase: BatchPhase.Resting or BatchPhase.Held, WakeArmed: false } ? null : decision.State;
        }
        catch (Exception e) when (StorageFaults.IsTransient(e))
        {
            // If an operation throws, its signal is lost.
            LogAgain(e, batch.Value, operation);
            Context.SignalEntity(Context.Id, operation, input, new SignalEntityOptions { SignalTime = now + FaultDelay });
        }
    }

    /// <summary>
    /// Restores the state of a batch that has none here. If the projection is not at rest, it is from an event that was never committed,
    /// or from a lost task hub: what it announced did not happen, and the inbox must be looked at again.
    /// </summary>
    private static BatchState Recall(BatchName batch, BatchState? projected) => projected switch
    {
        null => new BatchState { Batch = batch },
        { Phase: BatchPhase.Resting or BatchPhase.Held } => projected with { WakeArmed = false, WakeAt = null },
        _ => projected with
        {
            Phase = BatchPhase.Resting,
            QuietUntil = null,
            QuietSince = null,
            WakeArmed = false,
            WakeAt = null,
            Dirty = false,
            StartAgain = false,
            LastDigest = null,
        },
    };

    [LoggerMessage(LogLevel.Information, "{Batch} run {RunSeq} is started")]
    private partial void LogStarted(string batch, int runSeq);

    [LoggerMessage(LogLevel.Information, "{Batch} was deleted; its state is forgotten: {Forgotten}")]
    private partial void LogForgotten(string batch, bool forgotten);

    [LoggerMessage(LogLevel.Warning, "{Batch}: {Operation} failed because of a storage fault and is signalled again")]
    private partial void LogAgain(Exception fault, string batch, string operation);
}
