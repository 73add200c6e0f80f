using System.Net.Http.Json;
using System.Net;
using System.Text.Json;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator;
using Microsoft.Extensions.Options;
using MultiModal.LocalHost.Hosting;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline;

namespace MultiModal.LocalHost.Tests;

[Collection(SharedAzurite.Name)]
public sealed class ServingTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_drop_becomes_a_report()
    {
        await using var host = await RunningHost.StartAsync(azurite.NewConnectionString());
        await host.DropAsync("minutes/note.txt", "Anna presents the budget on Monday.");
        var state = await host.RestedAsync("minutes");
        var report = await host.ReportAsync("minutes");
        Assert.Equal(RunStatus.Succeeded, report.Status);
        Assert.Equal(state.LastDigest, report.InventoryDigest);
        Assert.Equal(1, state.RunSeq);
    }

    [Fact]
    public async Task A_drop_during_a_run_is_in_the_next_one()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.Delay) { DelayMs = 1500 }) { First = 1 });
        await using var host = await RunningHost.StartAsync(azurite.NewConnectionString(), simulator);
        await host.DropAsync("talk/a.txt", "The first note is about the harvest.");
        await host.DropAsync("talk/b.txt", "The second note is about the market.");
        await Eventually.IsAsync("the model's first call", () => Task.FromResult(simulator.Requests.Count > 0 ? simulator : null));
        await host.DropAsync("talk/c.txt", "The third note came late.");
        var state = await host.RestedAsync("talk", runSeq: 2);
        Assert.Equal(["a.txt", "b.txt", "c.txt"], (await host.ReportAsync("talk")).Items.Select(i => i.Name));
        Assert.Equal(2, state.RunSeq);
    }

    [Fact]
    public async Task A_batch_started_right_after_its_upload_runs_once()
    {
        await using var host = await RunningHost.StartAsync(azurite.NewConnectionString());
        (await host.Http.PutAsync(
            new Uri("/api/batches/quick/files/a.txt", UriKind.Relative), new StringContent("A note."))).EnsureSuccessStatusCode();
        (await host.Http.PostAsync(new Uri("/api/batches/quick/start", UriKind.Relative), null)).EnsureSuccessStatusCode();
        await host.RestedAsync("quick");

        // Another batch, dropped and reported meanwhile, shows that the watcher has looked at both.
        await host.DropAsync("other/b.txt", "Another note.");
        await host.RestedAsync("other");
        Assert.Equal(1, (await host.StateAsync("quick"))!.RunSeq);
    }

    [Fact]
    public async Task A_manual_batch_waits_until_it_is_started()
    {
        await using var host = await RunningHost.StartAsync(azurite.NewConnectionString());
        await host.DropAsync("album/batch.json", """{ "start": "manual" }""");
        await host.DropAsync("album/a.txt", "A note.");
        Assert.Equal(0, (await host.InAsync(BatchPhase.Held, "album")).RunSeq);
        (await host.Http.PostAsync(new Uri("/api/batches/album/start", UriKind.Relative), null)).EnsureSuccessStatusCode();
        Assert.Equal(RunStatus.Succeeded, (await host.RestedAsync("album")).LastStatus);
    }

    [Fact]
    public async Task A_batch_made_before_its_files_does_not_run_empty()
    {
        await using var host = await RunningHost.StartAsync(azurite.NewConnectionString());
        await host.DropAsync("later/batch.json", "{}");
        await host.InAsync(BatchPhase.Held, "later");
        await host.DropAsync("later/a.txt", "A note.");
        var state = await host.RestedAsync("later");
        Assert.Equal((1, RunStatus.Succeeded), (state.RunSeq, state.LastStatus));
    }

    [Fact]
    public async Task Files_dropped_while_no_host_ran_are_found_at_the_start()
    {
        var storage = azurite.NewConnectionString();
        await using (var first = await RunningHost.StartAsync(storage))
        {
            await first.DropAsync("seen/a.txt", "Seen.");
            await first.RestedAsync("seen");
            Assert.Equal(ExitCode.Success, await first.StopAsync());
            await first.DropAsync("missed/a.txt", "Missed.");
        }

        await using var second = await RunningHost.StartAsync(storage);
        await second.RestedAsync("missed");
        Assert.Equal(1, (await second.StateAsync("seen"))!.RunSeq);
    }

    [Fact]
    public async Task A_drop_after_a_restart_in_the_middle_of_a_run_waits_for_no_sweep()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.Delay) { DelayMs = 700 }));
        var storage = azurite.NewConnectionString();
        string[] settings = ["Ai:MaxConcurrency=1", "LocalHost:SweepInterval=1.00:00:00", "LocalHost:ShutdownGrace=00:00:00.1"];
        await using (var first = await RunningHost.StartAsync(storage, simulator, settings))
        {
            for (var item = 0; item < 8; item++) await first.Account.Inbox.GetBlobClient($"album/{item}.jpg")
                .UploadAsync(new BinaryData(TestImage.Jpeg(item)));
            await Eventually.IsAsync("two calls", () => Task.FromResult(simulator.Requests.Count >= 2 ? simulator : null));
        }

        var before = simulator.Requests.Count;
        await using var second = await RunningHost.StartAsync(storage, simulator, settings);
        await Eventually.IsAsync("the run goes on", () => Task.FromResult(simulator.Requests.Count >= before + 2 ? simulator : null));
        Assert.Equal((BatchPhase.Running, 1), await second.StateAsync("album") is { } state ? (state.Phase, state.RunSeq) : default);
        await second.Account.Inbox.GetBlobClient("album/late.jpg").UploadAsync(new BinaryData(TestImage.Jpeg(99)));

        await second.RestedAsync("album", runSeq: 2);
        Assert.Contains("late.jpg", (await second.ReportAsync("album")).Items.Select(i => i.Name));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_batch_whose_files_are_all_deleted_is_empty_and_keeps_its_report(bool withOptions)
    {
        await using var host = await RunningHost.StartAsync(azurite.NewConnectionString());
        if (withOptions) await host.DropAsync("gone/batch.json", "{}");
        await host.DropAsync("gone/a.txt", "A note.");
        await host.RestedAsync("gone");
        await host.Account.Inbox.GetBlobClient("gone/a.txt").DeleteAsync();
        var state = await Eventually.IsAsync(
            "the batch is empty", async () => await host.StateAsync("gone") is { IsEmpty: true } empty ? empty : null);
        Assert.Equal((withOptions ? BatchPhase.Held : BatchPhase.Resting, 1), (state.Phase, state.RunSeq));
        Assert.Equal("empty", await StatusAsync(host, "gone"));
        Assert.Equal(RunStatus.Succeeded, (await host.ReportAsync("gone")).Status);

        await host.DropAsync("gone/b.txt", "Another note.");
        await host.RestedAsync("gone", runSeq: 2);
        Assert.Equal("succeeded", await StatusAsync(host, "gone"));
    }

    [Fact]
    public async Task A_batch_whose_only_file_is_deleted_before_it_runs_is_not_held()
    {
        await using var host = await RunningHost.StartAsync(azurite.NewConnectionString(), simulator: null, "Pipeline:QuietPeriod=00:00:02");
        await host.DropAsync("fleeting/a.txt", "A note.");
        await host.InAsync(BatchPhase.Quiet, "fleeting");
        await host.Account.Inbox.GetBlobClient("fleeting/a.txt").DeleteAsync();
        var state = await Eventually.IsAsync(
            "a batch that waits for nothing",
            async () => await host.StateAsync("fleeting") is { Phase: not BatchPhase.Quiet } waiting ? waiting : null);
        Assert.Equal((BatchPhase.Resting, 0), (state.Phase, state.RunSeq));
        Assert.Equal("new", await StatusAsync(host, "fleeting"));
    }

    [Fact]
    public async Task Only_the_state_of_the_last_two_runs_is_kept()
    {
        await using var host = await RunningHost.StartAsync(azurite.NewConnectionString());
        for (var run = 1; run <= 3; run++)
        {
            await host.DropAsync("again/a.txt", $"Version {run}.");
            await host.RestedAsync("again", run);
        }

        var batch = BatchName.Parse("again");
        await Eventually.IsAsync("the first run's state forgotten", async () => await KeptAsync(1) ? null : host);
        Assert.True(await KeptAsync(2));
        Assert.True(await KeptAsync(3));

        async Task<bool> KeptAsync(int runSeq) =>
            await new RunStore(host.Account).ReadHeaderAsync(new RunReference(batch, runSeq), CancellationToken.None) is not null;
    }

    [Fact]
    public async Task A_stopping_host_lets_calls_under_way_end_and_the_next_host_continues()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.Delay) { DelayMs = 600 }));
        var storage = azurite.NewConnectionString();
        await using (var first = await RunningHost.StartAsync(storage, simulator, "Pipeline:MaxParallelSteps=2"))
        {
            for (var item = 0; item < 8; item++) await first.Account.Inbox.GetBlobClient($"album/{item}.jpg")
                .UploadAsync(new BinaryData(TestImage.Jpeg(100 + item)));
            await Eventually.IsAsync("the model's first call", () => Task.FromResult(simulator.Requests.Count > 0 ? simulator : null));
            Assert.Equal(ExitCode.Success, await first.StopAsync());
            Assert.Equal(BatchPhase.Running, (await first.StateAsync("album"))!.Phase);
            Assert.All(simulator.Bill.Lines, line => Assert.True(line.Delivered));
        }

        await using var second = await RunningHost.StartAsync(storage, simulator);
        var state = await second.RestedAsync("album");
        Assert.Equal((1, RunStatus.Succeeded), (state.RunSeq, state.LastStatus));
        Assert.Empty(simulator.Bill.PaidTwice());
    }

    [Fact]
    public async Task A_second_host_is_refused()
    {
        var storage = azurite.NewConnectionString();
        await using var first = await RunningHost.StartAsync(storage);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => RunningHost.StartAsync(storage));
        Assert.Equal(FailureCodes.OtherHostOwnsAccount, refused.Failure.Code);
        Assert.Equal(ExitCode.OtherHostOwnsAccount, ExitCode.For(refused.Failure));
    }

    [Theory]
    [InlineData("Host", "rebound.example", "host-not-allowed")]
    [InlineData("Origin", "https://elsewhere.example", "origin-not-allowed")]
    [InlineData("Origin", "null", "origin-not-allowed")]
    public async Task A_page_of_a_stranger_is_refused(string header, string value, string code)
    {
        await using var host = await RunningHost.StartAsync(azurite.NewConnectionString());
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/batches");
        request.Headers.TryAddWithoutValidation(header, value);
        var answer = await host.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(code, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
    }

    [Fact]
    public async Task The_api_asks_for_the_key_and_health_does_not()
    {
        const string key = "0123456789abcdef0123";
        await using var host = await RunningHost.StartAsync(azurite.NewConnectionString(), null, $"LocalHost:ApiKey={key}");
        Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync(new Uri("/healthz", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(null, null));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("X-API-Key", key + "4"));
        Assert.Equal(HttpStatusCode.OK, await AskAsync("X-API-Key", key));
        Assert.Equal(HttpStatusCode.OK, await AskAsync("Authorization", $"Bearer {key}"));

        async Task<HttpStatusCode> AskAsync(string? header, string? value)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/batches");
            if (header is not null) request.Headers.Add(header, value);
            return (await host.Http.SendAsync(request)).StatusCode;
        }
    }

    [Theory]
    [InlineData("LocalHost:Url=http://0.0.0.0:0", "LocalHost:ApiKey")]
    [InlineData("LocalHost:MaxParallelRuns=0", "LocalHost:MaxParallelRuns")]
    public async Task A_bad_setting_is_refused_by_its_name(string setting, string named)
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => RunningHost.StartAsync(azurite.NewConnectionString(), null, setting));
        Assert.Contains(named, Assert.Single(refused.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_without_a_value_is_refused()
    {
        var refused = await Assert.ThrowsAsync<RefusedException>(() => RunningHost.StartAsync(azurite.NewConnectionString(), null, "nonsense"));
        Assert.Equal(FailureCodes.InvalidSetting, refused.Failure.Code);
        Assert.Contains("nonsense", refused.Failure.Message, StringComparison.Ordinal);
    }

    private static async Task<string> StatusAsync(RunningHost host, string batch) =>
        (await host.Http.GetFromJsonAsync<JsonElement>(new Uri($"/api/batches/{batch}", UriKind.Relative))).GetProperty("status").GetString()!;
}
