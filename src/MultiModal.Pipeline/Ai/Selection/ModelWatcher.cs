using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MultiModal.Pipeline.Ai.Selection;

/// <summary>
/// Asks OpenAI once a day, from the start of the host on, when its models end, and logs what <see cref="ModelWatch"/> warns of. It delays nothing,
/// and a server that does not answer is no fault: the days of the catalogue hold then.
/// </summary>
public sealed partial class ModelWatcher(ModelWatch watch, EngineFactory factory, TimeProvider clock, ILogger<ModelWatcher> logger)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var daily = new PeriodicTimer(Pause, clock);
        do
        {
            // Azure does not say when its deployments end.
            foreach (var choice in factory.Choices.Where(choice => choice.Engine == EngineKind.OpenAI).DistinctBy(choice => choice.Address))
            {
                await AskAsync(choice, stoppingToken);
            }

            foreach (var warning in watch.Warnings) LogWarning(warning.Code, warning.Message);
        }
        while (await daily.WaitForNextTickAsync(stoppingToken));
    }

    private async Task AskAsync(EngineChoice choice, CancellationToken cancellationToken)
    {
        try
        {
            if (await watch.AskAsync(choice, cancellationToken) is { } failure) LogUnanswered(choice.Address, failure.Code);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The host works without this answer, whatever is wrong with it.
            LogUnanswered(choice.Address, e.GetType().Name);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Code}: {Warning}")]
    private partial void LogWarning(string code, string warning);

    [LoggerMessage(LogLevel.Debug, "{Address} was asked for its models, to learn when they end, and did not say: {Reason}")]
    private partial void LogUnanswered(Uri? address, string reason);
}
