using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Steps;
using MultiModal.Pipeline.Tests.Reports;

namespace MultiModal.Pipeline.Tests.Runs;

/// <summary>The time limit of every step.</summary>
[Collection(SharedAzurite.Name)]
public sealed class StepRunnerTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly WatchedClock clock = new();
    private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ItemReference item = null!;
    private RunStore runs = null!;
    private StepRunner runner = null!;

    public async Task InitializeAsync()
    {
        runs = new RunStore(await azurite.NewAccountAsync(), clock);
        runner = new StepRunner(runs, Options.Create(new PipelineOptions { StepTimeout = Limit }), clock, NullLogger<StepRunner>.Instance);
        var run = new RunSketch();
        run.AddText("note.txt", "A note.");
        await run.StoreAsync(runs);
        item = new ItemReference(run.Run, 0);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_step_that_takes_longer_than_its_limit_fails_with_a_code_and_may_be_tried_again()
    {
        var stepping = runner.RunAsync(item, StepNames.OptimizeImage, (_, token) => WaitAsync(token), CancellationToken.None);
        await begun.Task;
        clock.Advance(Limit);

        var result = await stepping;
        Assert.Equal((StepStatus.Failed, FailureCodes.StepTimedOut), (result.Status, result.Code));
        var record = await runs.ReadRecordAsync(item, StepNames.OptimizeImage, CancellationToken.None);
        Assert.True(record?.Failure?.Retryable);
        Assert.Equal((long)Limit.TotalMilliseconds, record?.DurationMs);
    }

    [Fact]
    public async Task A_step_that_is_stopped_with_its_host_has_not_failed()
    {
        using var stop = new CancellationTokenSource();
        var stepping = runner.RunAsync(item, StepNames.OptimizeImage, (_, token) => WaitAsync(token), stop.Token);
        await begun.Task;
        await stop.CancelAsync();
        clock.Advance(Limit);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stepping);
        Assert.Null(await runs.ReadRecordAsync(item, StepNames.OptimizeImage, CancellationToken.None));
    }

    private async Task<StepWork> WaitAsync(CancellationToken cancellationToken)
    {
        begun.SetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        return StepWork.Done("never");
    }
}
