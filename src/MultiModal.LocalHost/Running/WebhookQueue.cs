using System.Threading.Channels;
using MultiModal.Pipeline.Webhooks;

namespace MultiModal.LocalHost.Running;

/// <summary>Delivers webhooks: at start what an earlier process left, then what is noted, each again when its retry is due.</summary>
internal sealed partial class WebhookQueue(CompletionWebhook webhook, TimeProvider time, ILogger<WebhookQueue> logger) : BackgroundService
{
    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(30);

    private readonly Channel<bool> looks = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Something was noted.</summary>
    public void Wake() => looks.Writer.TryWrite(true);

    /// <summary>Delivers what is due, and says when to come back; null where nothing is pending.</summary>
    public async Task<DateTimeOffset?> DeliverAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await webhook.DeliverDueAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFault(e);
            return time.GetUtcNow() + AfterFault;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var due = await DeliverAsync(stoppingToken);
            var noted = looks.Reader.WaitToReadAsync(stoppingToken).AsTask();
            if (due is { } at)
            {
                using var early = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                var wait = at - time.GetUtcNow();
                await Task.WhenAny(noted, Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, time, early.Token));
                await early.CancelAsync();
            }
            else
            {
                await noted;
            }

            looks.Reader.TryRead(out _);
            stoppingToken.ThrowIfCancellationRequested();
        }
    }

    [LoggerMessage(LogLevel.Warning, "Webhooks could not be looked at; trying again")]
    private partial void LogFault(Exception fault);
}
