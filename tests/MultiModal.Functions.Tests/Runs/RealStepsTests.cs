using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MultiModal.Functions.Runs;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Registration;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Functions.Tests.Runs;

/// <summary>The activities themselves on a real Azurite, with the offline engines.</summary>
[Collection(SharedAzurite.Name)]
public sealed class RealStepsTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly RunReference Run = new(BatchName.Parse("minutes"), 1);

    private ServiceProvider services = null!;
    private RunHost host = null!;

    private MediaAccount Account => services.GetRequiredService<MediaAccount>();

    public async Task InitializeAsync()
    {
        var settings = new Dictionary<string, string?> { ["Storage:ConnectionString"] = azurite.NewConnectionString() };
        var collection = new ServiceCollection().AddLogging()
            .AddMultiModalPipeline(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        services = collection.AddSingleton<StepFunctions>().BuildServiceProvider();
        await Account.CreateContainersAsync(CancellationToken.None);
        foreach (var name in new[] { "a", "b", "c" })
        {
            await Account.Inbox.GetBlobClient($"{Run.Batch}/{name}.txt")
                .UploadAsync(BinaryData.FromString($"The meeting of group {name} begins at nine."));
        }

        host = await RunHost.StartAsync(services.GetRequiredService<StepFunctions>());
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        await services.DisposeAsync();
    }

    [Fact]
    public async Task A_run_leads_to_its_report()
    {
        var result = await host.RunAsync(Run);

        Assert.Equal(RunStatus.Succeeded, result!.Status);
        var report = await Account.Results.GetBlobClient($"{Run.Batch}/report.json").DownloadContentAsync();
        Assert.Contains("The meeting of group b begins at nine.", report.Value.Content.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_run_ends_with_a_report_of_its_cancellation()
    {
        await services.GetRequiredService<RunStore>().RequestCancelAsync(Run, CancellationToken.None);
        Assert.Equal(RunStatus.Cancelled, (await host.RunAsync(Run))!.Status);
    }

    [Fact]
    public async Task The_state_of_all_runs_but_the_last_two_is_forgotten()
    {
        var runs = Enumerable.Range(1, 3).Select(runSeq => Run with { RunSeq = runSeq }).ToList();
        foreach (var run in runs) await services.GetRequiredService<RunStore>().RequestCancelAsync(run, CancellationToken.None);

        await services.GetRequiredService<StepFunctions>().ForgetOlderRuns(runs[^1], CancellationToken.None);

        var left = await Account.State.GetBlobsAsync(new()).Select(blob => blob.Name).ToListAsync();
        Assert.Equal(runs.Skip(1).Select(run => $"{RunStore.RunFolder(run)}/cancel"), left);
    }
}
