using System.Net.Http.Json;
using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using MultiModal.LocalHost.Hosting;
using MultiModal.Pipeline.Batches;

namespace MultiModal.LocalHost.Tests;

/// <summary>What becomes of a batch while the command line uploads it, and after an upload that ended in the middle.</summary>
[Collection(SharedAzurite.Name)]
public sealed class BrokenUploadTests(AzuriteFixture azurite) : IDisposable
{
    private static readonly BatchName Torn = BatchName.Parse("torn");

    private readonly TemporaryFolder folder = new();
    private readonly string storage = azurite.NewConnectionString();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_batch_whose_upload_was_killed_is_held_until_somebody_starts_it()
    {
        await using var host = await RunningHost.StartAsync(storage);
        await BreakOffAsync(host);

        var batch = await host.Http.GetFromJsonAsync<JsonElement>("/api/batches/torn");
        Assert.Equal("held", batch.GetProperty("status").GetString());
        Assert.Equal("upload-incomplete", batch.GetProperty("hold").GetProperty("code").GetString());
        Assert.Contains("/start", batch.GetProperty("hold").GetProperty("message").GetString(), StringComparison.Ordinal);
        var listed = (await host.Http.GetFromJsonAsync<JsonElement>("/api/batches")).GetProperty("batches")[0];
        Assert.Equal("upload-incomplete", listed.GetProperty("hold").GetProperty("code").GetString());
        var status = await LocalHostProgram.RunAsync(["status", "torn"], Settings(storage));
        Assert.Contains("held until its upload is completed", status.Output, StringComparison.Ordinal);
        Assert.Contains("upload-incomplete: ", status.Output, StringComparison.Ordinal);

        using var started = await host.Http.PostAsync(new Uri("/api/batches/torn/start", UriKind.Relative), content: null);
        Assert.True(started.IsSuccessStatusCode);
        await host.RestedAsync("torn");
        Assert.Equal(["a.txt", "b.txt"], await ItemsAsync(host));

        await host.DropAsync("torn/d.txt", "One more.");
        await host.RestedAsync("torn", 2);
    }

    [Fact]
    public async Task The_same_command_completes_an_upload_that_was_killed()
    {
        await using var host = await RunningHost.StartAsync(storage);
        await BreakOffAsync(host);

        var (exitCode, _, errors) = await LocalHostProgram.RunAsync(["run", folder["torn"]], Settings(storage));

        Assert.True(exitCode == ExitCode.Success, errors);
        Assert.Equal(1, (await host.StateAsync("torn"))!.RunSeq);
        Assert.Equal(["a.txt", "b.txt", "c.txt"], await ItemsAsync(host));
    }

    [Fact]
    public async Task What_somebody_else_drops_does_not_wait_for_an_upload_that_was_killed_before_its_first_file()
    {
        await using var host = await RunningHost.StartAsync(storage);
        await using var proxy = await StorageProxy.StartAsync(storage);
        var only = HoldLast(proxy);
        await using var run = LocalHostProgram.Start(["run", Files("c.txt")], Settings(proxy.ConnectionString));
        await only.Reached;
        await run.KillAsync();
        Assert.NotNull(await new UploadMarks(host.Account, TimeProvider.System).FindAsync(Torn, CancellationToken.None));
        Assert.True(await UploadedAsync(0));

        await host.DropAsync("torn/d.txt", "A note of somebody else.");

        await host.RestedAsync("torn");
        Assert.Equal(["d.txt"], await ItemsAsync(host));
    }

    [Fact]
    public async Task A_batch_that_was_deleted_after_a_broken_upload_starts_by_itself_when_it_is_dropped_again()
    {
        await using var host = await RunningHost.StartAsync(storage);
        await BreakOffAsync(host);
        using var deleted = await host.Http.DeleteAsync(new Uri("/api/batches/torn", UriKind.Relative));
        Assert.True(deleted.IsSuccessStatusCode);

        await host.DropAsync("torn/e.txt", "From another world.");

        await host.RestedAsync("torn");
        Assert.Equal(["e.txt"], await ItemsAsync(host));
    }

    [Fact]
    public async Task A_slow_upload_is_waited_for_and_run_once()
    {
        await using var host = await RunningHost.StartAsync(storage);
        await using var proxy = await StorageProxy.StartAsync(storage);
        var last = HoldLast(proxy);
        await using var run = LocalHostProgram.Start(["run", Files()], Settings(proxy.ConnectionString));
        await last.Reached;
        await host.InAsync(BatchPhase.Held, "torn");

        last.Release();

        Assert.True(await run.EndAsync() == ExitCode.Success, await run.Errors);
        Assert.Equal(1, (await host.StateAsync("torn"))!.RunSeq);
        Assert.Equal(["a.txt", "b.txt", "c.txt"], await ItemsAsync(host));
    }

    [Fact]
    public async Task A_host_that_starts_after_a_killed_upload_holds_the_batch()
    {
        await using var proxy = await StorageProxy.StartAsync(storage);
        var last = HoldLast(proxy);
        await using (var run = LocalHostProgram.Start(["run", Files()], Settings(proxy.ConnectionString)))
        {
            await last.Reached;
            await Eventually.IsAsync("the other files", async () => await UploadedAsync(2) ? this : null);
            await run.KillAsync();
        }

        // The killed process owned the account, so that its lease has to run out.
        await using var host = await RunningHost.StartAsync(storage);

        Assert.Equal(HoldReason.Upload, (await host.InAsync(BatchPhase.Held, "torn")).HeldFor);
    }

    [Fact]
    public async Task A_sweep_starts_a_batch_whose_upload_was_completed_without_a_signal()
    {
        await using var host = await RunningHost.StartAsync(storage, more: ["LocalHost:SweepInterval=00:00:01"]);
        var uploads = new UploadMarks(host.Account, TimeProvider.System);
        await using var mark = (await uploads.SetAsync(Torn, CancellationToken.None)).Value;
        await host.DropAsync("torn/a.txt", "A note.");
        await host.InAsync(BatchPhase.Held, "torn");

        await mark.ClearAsync(CancellationToken.None);

        Assert.Equal(1, (await host.RestedAsync("torn")).RunSeq);
    }

    [Fact]
    public async Task A_second_upload_into_the_batch_is_refused_and_the_first_one_is_complete()
    {
        await using var proxy = await StorageProxy.StartAsync(storage);
        var last = HoldLast(proxy);
        await using var first = LocalHostProgram.Start(["run", Files()], Settings(proxy.ConnectionString));
        await last.Reached;

        // One that is not refused waits for the first, which waits here.
        await using var second = LocalHostProgram.Start(["run", folder["torn"]], Settings(storage));
        Assert.Equal(ExitCode.UploadUnderWay, await second.EndAsync().WaitAsync(TimeSpan.FromMinutes(1)));
        last.Release();

        var errors = await second.Errors;
        Assert.StartsWith("upload-under-way: ", errors, StringComparison.Ordinal);
        Assert.Contains($"process {first.Id}", errors, StringComparison.Ordinal);
        Assert.True(await first.EndAsync() == ExitCode.Success, await first.Errors);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(folder["torn.report.json"]));
        Assert.Equal(1, report.RootElement.GetProperty("runSeq").GetInt32());
        Assert.Equal(3, report.RootElement.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_command_that_waits_for_another_one_runs_its_batch_itself_when_the_other_has_ended()
    {
        await using var proxy = await StorageProxy.StartAsync(storage);
        var last = HoldLast(proxy);
        await using var owner = LocalHostProgram.Start(["run", Files()], Settings(proxy.ConnectionString));
        await last.Reached;
        Directory.CreateDirectory(folder["calm"]);
        await File.WriteAllTextAsync(Path.Combine(folder["calm"], "d.txt"), "Another note.");
        await using var waiting = LocalHostProgram.Start(["run", folder["calm"]], Settings(storage));
        await Eventually.IsAsync("the other batch uploaded", async () => await UploadedAsync(3) ? this : null);

        var uploaded = await VersionAsync("calm/d.txt");

        await owner.KillAsync();

        Assert.True(await waiting.EndAsync().WaitAsync(TimeSpan.FromMinutes(2)) == ExitCode.Success, await waiting.Errors);
        Assert.True(File.Exists(folder["calm.report.json"]));
        Assert.Equal(uploaded, await VersionAsync("calm/d.txt"));
    }

    /// <summary>Kills a real upload before its last file has arrived, once the host has looked at the batch.</summary>
    private async Task BreakOffAsync(RunningHost host)
    {
        await using var proxy = await StorageProxy.StartAsync(storage);
        var last = HoldLast(proxy);
        await using var run = LocalHostProgram.Start(["run", Files()], Settings(proxy.ConnectionString));
        await last.Reached;
        await Eventually.IsAsync("the other files", async () => await UploadedAsync(2) ? this : null);
        await run.KillAsync();
        await Eventually.IsAsync("the batch looked at", async () => await host.StateAsync("torn") is { Phase: not BatchPhase.Quiet } ? this : null);
        Assert.Equal((BatchPhase.Held, 0), ((await host.StateAsync("torn"))!.Phase, (await host.StateAsync("torn"))!.RunSeq));
    }

    private static Checkpoint HoldLast(StorageProxy proxy) =>
        proxy.Hold(request => request.IsUpload && request.Touches("/inbox/torn/c.txt"), afterwards: false);

    private string Files() => Files("a.txt", "b.txt", "c.txt");

    private string Files(params string[] names)
    {
        Directory.CreateDirectory(folder["torn"]);
        foreach (var name in names) File.WriteAllText(Path.Combine(folder["torn"], name), $"This is the note {name}.");
        return folder["torn"];
    }

    private async Task<bool> UploadedAsync(int count)
    {
        var names = 0;
        await foreach (var _ in Inbox().GetBlobsAsync()) names++;
        return names == count;
    }

    private async Task<ETag> VersionAsync(string name) => (await Inbox().GetBlobClient(name).GetPropertiesAsync()).Value.ETag;

    private BlobContainerClient Inbox() => new BlobServiceClient(storage).GetBlobContainerClient("inbox");

    private static async Task<IEnumerable<string>> ItemsAsync(RunningHost host) => (await host.ReportAsync("torn")).Items.Select(i => i.Name);

    private static string[] Settings(string storage) => RunningHost.Settings(storage, simulator: null);
}
