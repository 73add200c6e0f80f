using System.Globalization;
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
internal sealed class RunCommand(CommandOutput output)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(400);

    /// <summary>A command that waits for another host looks whether that host is there at each such look at the batch.</summary>
    private const int LooksAtOwner = 5;

    /// <summary>How many items that did not succeed are shown at the end.</summary>
    private const int MostShown = 20;

    private readonly IAnsiConsole console = output.Console;

    public async Task<int> RunAsync(
        string folder, string? batchName, string? place, IEnumerable<string> settings, CancellationToken cancellationToken)
    {
        using var tool = ToolHost.Build(console, settings);
        var services = tool.Services;
        var account = await services.OpenAccountAsync(cancellationToken);
        var listing = services.GetRequiredService<InboxListing>();
        var upload = FolderUpload.Plan(folder, batchName, services.GetRequiredService<IOptions<PipelineOptions>>().Value, listing.IgnorePatterns);
        var report = ReportFiles.Prepare(folder, place);
        var host = services.GetRequiredService<LocalBatchHost>();
        var time = services.GetRequiredService<TimeProvider>();
        var before = (await host.ReadStateAsync(upload.Batch, cancellationToken))?.RunSeq ?? 0;

        Say(upload.Batch, $"uploading {upload.Count} files");
        foreach (var skipped in upload.Skipped) Say(upload.Batch, $"skipping {skipped}");
        var (isUploaded, status) = (false, (RunStatus?)null);
        for (; status is null; isUploaded = true)
        {
            var acquired = await OwnerLease.AcquireAsync(
                account, AccountOwner.Here(host.Kind, time.GetUtcNow()), shared: false, TimeSpan.Zero, time,
                services.GetRequiredService<ILogger<OwnerLease>>(), cancellationToken);
            if (acquired.Succeeded)
            {
                await using var lease = acquired.Value;
                status = await RunHereAsync(services, upload, isUploaded, lease, before, cancellationToken);
            }
            else
            {
                Say(upload.Batch, "the host that owns the account runs it");
                if (!isUploaded) await UploadAsync(services, upload, runsHere: false, cancellationToken);
                status = await WatchOwnerAsync(services, upload, before, cancellationToken);
            }
        }

        Say(upload.Batch, BatchView.Words(status.Value));
        var files = await report.WriteAsync(services.GetRequiredService<BatchResults>(), upload.Batch, cancellationToken);
        var result = await RunResult.ReadAsync(files, upload, cancellationToken);
        output.Write(result, _ => Show(upload.Batch, result));
        return ExitCode.For(status.Value);
    }

    /// <summary>Shows what failed, what it cost, and where the report is.</summary>
    private void Show(BatchName batch, RunResult result)
    {
        foreach (var item in result.NotSucceeded.Take(MostShown)) Say(batch, $"{item.Name} {item.Status}: {item.Code}: {item.Message}");
        if (result.NotSucceeded.Count > MostShown) Say(batch, $"{result.NotSucceeded.Count - MostShown} more did not succeed; the report names them");
        Say(
            batch,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{result.Succeeded} of {result.Items} items succeeded; {result.SpentUsd:0.00####} USD spent, {result.SavedUsd:0.00####} USD saved"));
        Say(batch, result.Report);
        Say(batch, result.Markdown);
        if (result.Illustration is { } picture) Say(batch, picture);
    }

    /// <summary>Runs the batch in this process, which owns the account.</summary>
    private async Task<RunStatus> RunHereAsync(
        IServiceProvider services, FolderUpload upload, bool isUploaded, OwnerLease lease, int before, CancellationToken cancellationToken)
    {
        var host = services.GetRequiredService<LocalBatchHost>();
        services.GetRequiredService<SoleOwnership>().Note(lease);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lease.Lost);
        try
        {
            if (!isUploaded) await UploadAsync(services, upload, runsHere: true, ending.Token);
            await host.ResumeAsync(upload.Batch, ending.Token);
            await host.SignalStartAsync(upload.Batch, RunScope.All, ending.Token);
            var status = await WatchAsync(
                services, upload, state => Task.FromResult(Settled(state, before)), () => Task.FromResult(false), ending.Token);
            await services.GetRequiredService<WebhookQueue>().DeliverAsync(ending.Token);
            return status!.Value;
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

    /// <summary>Waits while the host that owns the account runs the batch.</summary>
    /// <returns>The status; null if that host has gone, or was a command that ran another batch and has ended.</returns>
    private Task<RunStatus?> WatchOwnerAsync(IServiceProvider services, FolderUpload upload, int before, CancellationToken cancellationToken)
    {
        var (account, listing) = (services.GetRequiredService<MediaAccount>(), services.GetRequiredService<InboxListing>());
        return WatchAsync(
            services,
            upload,
            async state => Settled(state, before) && state.LastDigest is { } digest
                && await listing.IsUnchangedAsync(state.Batch, digest, cancellationToken),
            async () => await OwnerLease.ReadOwnerAsync(account, cancellationToken) is null,
            cancellationToken);
    }

    /// <summary>Uploads all files. Until the last one has arrived, no host starts the batch by itself.</summary>
    private async Task UploadAsync(IServiceProvider services, FolderUpload upload, bool runsHere, CancellationToken cancellationToken)
    {
        var (account, marks) = (services.GetRequiredService<MediaAccount>(), services.GetRequiredService<UploadMarks>());
        var set = await marks.SetAsync(upload.Batch, cancellationToken);
        if (!set.Succeeded) throw new RefusedException(set.Failure);
        await using var mark = set.Value;
        var isComplete = false;
        try
        {
            await upload.RunAsync(account, mark, runsHere ? services.GetRequiredService<InboxReader>() : null, Uploaded, cancellationToken);
            isComplete = true;
        }
        finally
        {
            if (!isComplete) Say(
                upload.Batch, "the upload is not complete, and the batch is held. Run the command again to complete it.");
        }

        await mark.ClearAsync(cancellationToken);
    }

    private void Say(BatchName batch, string text) => console.WriteLine(VisibleText.Of($"{batch.Value}: {text}"));

    private void Uploaded(string name)
    {
        if (console.Profile.Out.IsTerminal) console.WriteLine($"  {VisibleText.Of(name)}");
    }

    private static bool Settled(BatchState state, int before) => state.Phase == BatchPhase.Resting && state.RunSeq > before;

    /// <returns>The status of the run that settled the batch; null if it was abandoned before.</returns>
    private async Task<RunStatus?> WatchAsync(
        IServiceProvider services, FolderUpload upload, Func<BatchState, Task<bool>> settled, Func<Task<bool>> abandoned,
        CancellationToken cancellationToken)
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

        async Task<RunStatus?> FollowAsync(Action<BatchView> show)
        {
            var isRepeated = false;
            for (var look = 1; ; look++)
            {
                var change = host.NextChange;
                var isAbandoned = look % LooksAtOwner == 0 && await abandoned();
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

                if (isAbandoned) return null;
                await Task.WhenAny(change, Task.Delay(LookEvery, time, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }
}
