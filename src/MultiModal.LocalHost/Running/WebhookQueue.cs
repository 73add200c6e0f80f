using System.Threading.Channels;
using MultiModal.Pipeline.Webhooks;

namespace MultiModal.LocalHost.Running;

/// <summary>Delivers webhooks: first those that an earlier process left, then new ones, and each again when its retry is due.</summary>
internal sealed partial class WebhookQueue(CompletionWebhook webhook, TimeProvider time, ILogger<WebhookQueue> logger) : BackgroundService
{
    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(30);

    private readonly Channel<bool> looks = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Signals that a delivery was noted.</summary>
    public void Wake() => looks.Writer.TryWrite(true);

    /// <summary>Delivers what is due, and waits for new deliveries. Those that fail remain for the next process.</summary>
    public async Task DeliverAsync(CancellationToken cancellationToken)
    {
        try
        {
            await webhook.DeliverDueAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFault(e);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var deliveries = new List<Task>();
        try
        {
            while (true)
            {
                var (started, due) = await LookAsync(stoppingToken);
                deliveries.RemoveAll(delivery => delivery.IsCompleted);
                deliveries.AddRange(started.Select(delivery => FollowAsync(delivery, stoppingToken)));
                await WaitAsync(due, stoppingToken);
            }
        }
        finally
        {
            await Task.WhenAll(deliveries);
        }
    }

    /// <returns>The deliveries that were started, and the latest time for the next look.</returns>
    private async Task<(IReadOnlyList<Task<DateTimeOffset?>> Started, DateTimeOffset? Due)> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var round = await webhook.StartDueAsync(cancellationToken);
            return (round.Deliveries, round.NextDue);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFault(e);
            return ([], time.GetUtcNow() + AfterFault);
        }
    }

    /// <summary>Looks again when a receiver's deliveries have ended, because more may have arrived for it.</summary>
    private async Task FollowAsync(Task delivery, CancellationToken cancellationToken)
    {
        try
        {
            await delivery;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFault(e);
            await Task.Delay(AfterFault, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (OperationCanceledException)
        {
            // The host stops; the note in storage resumes the delivery later.
        }

        Wake();
    }

    private async Task WaitAsync(DateTimeOffset? due, CancellationToken cancellationToken)
    {
        using var early = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var noted = looks.Reader.WaitToReadAsync(early.Token).AsTask();
        var wait = due is { } at ? TimeSpan.FromTicks(Math.Max(0, (at - time.GetUtcNow()).Ticks)) : Timeout.InfiniteTimeSpan;
        await Task.WhenAny(noted, Task.Delay(wait, time, early.Token));
        await early.CancelAsync();
        looks.Reader.TryRead(out _);
        cancellationToken.ThrowIfCancellationRequested();
    }

    [LoggerMessage(LogLevel.Warning, "Pending webhooks could not be read. It is tried again")]
    private partial void LogFault(Exception fault);
}
