using Microsoft.Extensions.Options;
using MultiModal.LocalHost.Hosting;
using MultiModal.LocalHost.Registration;
using MultiModal.LocalHost.Running;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;
using Spectre.Console;

namespace MultiModal.LocalHost.Commands;

/// <summary>
/// Uploads a folder as a batch and waits for its report. If a host owns the account, that host runs the batch; otherwise this process
/// owns the account until the run has ended.
/// </summary>
internal sealed class RunCommand(IAnsiConsole console)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(400);

    public async Task<int> RunAsync(
        string folder, string? batchName, string? output, IEnumerable<string> settings, CancellationToken cancellationToken)
    {
        using var tool = ToolHost.Build(console, settings);
        var services = tool.Services;
        var account = await services.OpenAccountAsync(cancellationToken);
        var listing = services.GetRequiredService<InboxListing>();
        var upload = FolderUpload.Plan(folder, batchName, services.GetRequiredService<IOptions<PipelineOptions>>().Value, listing.IgnorePatterns);
        var report = ReportFiles.Prepare(folder, output);
        var host = services.GetRequiredService<LocalBatchHost>();
        var time = services.GetRequiredService<TimeProvider>();
        var before = (await host.ReadStateAsync(upload.Batch, cancellationToken))?.RunSeq ?? 0;

        var logger = services.GetRequiredService<ILogger<OwnerLease>>();
        var acquired = await OwnerLease.AcquireAsync(
            account, AccountOwner.Here(host.Kind, time.GetUtcNow()), shared: false, TimeSpan.Zero, time, logger, cancellationToken);
        Say(upload.Batch, $"uploading {upload.Count} files");
        foreach (var skipped in upload.Skipped) Say(upload.Batch, $"skipping {skipped}");
        RunStatus status;
        if (acquired.Succeeded)
        {
            await using var lease = acquired.Value;
            services.GetRequiredService<SoleOwnership>().Note(lease);
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lease.Lost);
            try
            {
                await UploadAsync(services, upload, runsHere: true, ending.Token);
                await host.ResumeAsync(upload.Batch, ending.Token);
                await host.SignalStartAsync(upload.Batch, RunScope.All, ending.Token);
                status = await WatchAsync(services, upload, state => Task.FromResult(Settled(state, before)), ending.Token);
                await services.GetRequiredService<WebhookQueue>().DeliverAsync(ending.Token);
            }
            catch (OperationCanceledException) when (lease.Lost.IsCancellationRequested)
            {
                throw new RefusedException(FailureCodes.OwnerLeaseLost, "Another host took the storage account, and it continues the batch.");
            }
            finally
            {
                await host.StopAsync();
            }
        }
        else
        {
            Say(upload.Batch, "the host that owns the account runs it");
            await UploadAsync(services, upload, runsHere: false, cancellationToken);
            status = await WatchAsync(
                services,
                upload,
                async state => Settled(state, before) && state.LastDigest is { } digest
                    && await listing.IsUnchangedAsync(state.Batch, digest, cancellationToken),
                cancellationToken);
        }

        Say(upload.Batch, BatchView.Words(status));
        var results = services.GetRequiredService<BatchResults>();
        foreach (var path in await report.WriteAsync(results, upload.Batch, cancellationToken)) Say(upload.Batch, path);
        return ExitCode.For(status);
    }

    /// <summary>Uploads all files. Until the last one has arrived, no host starts the batch by itself.</summary>
    private async Task UploadAsync(IServiceProvider services, FolderUpload upload, bool runsHere, CancellationToken cancellationToken)
    {
        var (account, marks) = (services.GetRequiredService<MediaAccount>(), services.GetRequiredService<UploadMarks>());
        var mark = await marks.SetAsync(upload.Batch, cancellationToken);
        var isComplete = false;
        try
        {
            await upload.RunAsync(account, runsHere ? services.GetRequiredService<InboxReader>() : null, Uploaded, cancellationToken);
            isComplete = true;
        }
        finally
        {
            if (!isComplete) Say(
                upload.Batch, "the upload is not complete, and the batch is held. Run the command again to complete it.");
        }

        await marks.ClearAsync(upload.Batch, mark, cancellationToken);
    }

    private void Say(BatchName batch, string text) => console.WriteLine(VisibleText.Of($"{batch.Value}: {text}"));

    private void Uploaded(string name)
    {
        if (console.Profile.Out.IsTerminal) console.WriteLine($"  {VisibleText.Of(name)}");
    }

    private static bool Settled(BatchState state, int before) => state.Phase == BatchPhase.Resting && state.RunSeq > before;

    private async Task<RunStatus> WatchAsync(
        IServiceProvider services, FolderUpload upload, Func<BatchState, Task<bool>> settled, CancellationToken cancellationToken)
    {
        var batch = upload.Batch;
        var account = services.GetRequiredService<MediaAccount>();
        var runs = services.GetRequiredService<RunStore>();
        var host = services.GetRequiredService<LocalBatchHost>();
        var time = services.GetRequiredService<TimeProvider>();
        if (console.Profile.Out.IsTerminal)
        {
            return await console.Live(new Text(batch.Value)).StartAsync(live => FollowAsync(view => live.UpdateTarget(view.Render())));
        }

        var last = "";
        return await FollowAsync(view =>
        {
            var line = view.ToString();
            if (line != last) console.WriteLine(line);
            last = line;
        });

        async Task<RunStatus> FollowAsync(Action<BatchView> show)
        {
            var isRepeated = false;
            while (true)
            {
                var change = host.NextChange;
                if (await host.ReadStateAsync(batch, cancellationToken) is { } state)
                {
                    show(await BatchView.ReadAsync(state, runs, cancellationToken));
                    if (state.LastStatus is { } status && await settled(state)) return status;
                    if (state is { Phase: BatchPhase.Held, HeldFor: HoldReason.Upload })
                    {
                        // The host looked at the batch during the upload, and does not know that it has been completed.
                        if (!isRepeated) await upload.RepeatSmallestAsync(account, cancellationToken);
                        isRepeated = true;
                    }
                    else if (BatchHold.Of(state.Phase, state.HeldFor, state.IsEmpty) is { } hold)
                    {
                        throw new RefusedException(hold.Code, hold.Message);
                    }

                    if (state is { Phase: BatchPhase.Quiet, RunSeq: > 0, LastStatus: null })
                    {
                        throw new RefusedException(
                            FailureCodes.RunBroke,
                            "The run ended without a report. What it did is kept. The log has the reason. Run the batch again.");
                    }
                }

                await Task.WhenAny(change, Task.Delay(LookEvery, time, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }
}
