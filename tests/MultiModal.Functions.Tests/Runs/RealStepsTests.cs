using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MultiModal.Functions.Batches;
using MultiModal.Functions.Runs;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Registration;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Testing.Images;

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
        var settings = new Dictionary<string, string?>
        {
            ["Storage:ConnectionString"] = azurite.NewConnectionString(), ["Images:NearDuplicates"] = "true",
        };
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
    public async Task A_picture_that_is_there_in_several_encodings_is_looked_at_once()
    {
        var photo = TestImage.Jpeg(1);
        await Account.Inbox.GetBlobClient($"{Run.Batch}/d.jpg").UploadAsync(new BinaryData(photo));
        await Account.Inbox.GetBlobClient($"{Run.Batch}/e.png").UploadAsync(new BinaryData(NetVips.Image.NewFromBuffer(photo).PngsaveBuffer()));
        Assert.NotNull(await host.RunAsync(Run));

        var report = (await Account.Results.ReadJsonAsync<Report>($"{Run.Batch}/report.json", CancellationToken.None))!.Value;
        Assert.Equal([null, null, null, null, "d.jpg"], report.Items.Select(item => item.SimilarTo));
        Assert.Equal(["optimize-image", "analyze-image"], report.Items[3].Steps.Select(step => step.Step));
        Assert.Equal(["optimize-image"], report.Items[4].Steps.Select(step => step.Step));
        var id = BatchSignals.InstanceOf(Run.Batch, Run.RunSeq);
        Assert.Equal(
            [id, $"{id}-slice-0-AllButPictures-0", $"{id}-slice-0-LookAtPictures-0", $"{id}-slice-0-ShrinkPictures-0"],
            host.Orchestrations.Order(StringComparer.Ordinal));
        Assert.Equal(1, host.Status!.SlicesDone);
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
