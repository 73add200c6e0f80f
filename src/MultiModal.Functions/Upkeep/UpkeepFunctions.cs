using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Client.Entities;
using Microsoft.Extensions.Logging;
using MultiModal.Functions.Hosting;
using MultiModal.Pipeline.Webhooks;

namespace MultiModal.Functions.Upkeep;

/// <summary>Timers that keep batches going and the task hub small.</summary>
public sealed partial class UpkeepFunctions(
    BatchSweep sweep, CompletionWebhook webhook, DurableClients clients, TimeProvider time, ILogger<UpkeepFunctions> logger)
{
    private const string EveryMinute = "0 * * * * *";
    private const string EveryFiveMinutes = "0 */5 * * * *";
    private const string EveryHour = "0 30 * * * *";

    /// <summary>Time that the task hub keeps a run that has ended. The run's report remains.</summary>
    private static readonly TimeSpan KeepRuns = TimeSpan.FromDays(7);

    private static readonly OrchestrationRuntimeStatus[] Ended =
        [OrchestrationRuntimeStatus.Completed, OrchestrationRuntimeStatus.Failed, OrchestrationRuntimeStatus.Terminated];

    [Function(nameof(Sweep))]
    public Task Sweep([TimerTrigger(EveryFiveMinutes)] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        clients.Provide(client);
        return sweep.SweepAsync(cancellationToken);
    }

    /// <summary>Delivers completions that a webhook did not accept at once.</summary>
    [Function(nameof(Deliver))]
    public Task Deliver([TimerTrigger(EveryMinute)] TimerInfo timer, CancellationToken cancellationToken) =>
        webhook.DeliverDueAsync(cancellationToken);

    [Function(nameof(Purge))]
    public async Task Purge([TimerTrigger(EveryHour)] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        var purged = await client.PurgeAllInstancesAsync(
            new PurgeInstancesFilter(CreatedTo: time.GetUtcNow() - KeepRuns, Statuses: Ended), cancellationToken);
        var cleaned = await client.Entities.CleanEntityStorageAsync(
            CleanEntityStorageRequest.Default, continueUntilComplete: true, cancellationToken);
        LogPurged(purged.PurgedInstanceCount, cleaned.EmptyEntitiesRemoved);
    }

    [LoggerMessage(LogLevel.Information, "Purged {Orchestrations} ended orchestrations and {Entities} resting entities")]
    private partial void LogPurged(int orchestrations, int entities);
}
