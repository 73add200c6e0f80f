using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace MultiModal.Faults.Tests.Upgrade;

/// <summary>
/// Records the account that a build leaves behind, so that later builds can be held to it. The files of another dump are dropped on hosts of that
/// build, which ask that build's own simulator of the models. What happens to the batches is chosen so that the account holds all that it can hold.
/// </summary>
internal static class AccountRecorder
{
    /// <summary>By then the interrupted run has done some of its steps and not all.</summary>
    private const int RecordsBeforeTheKill = 6;

    /// <summary>Batches that are not simply dropped and run once.</summary>
    private static readonly string[] Eventful = ["meeting", "retried", "cancelled", "grown", RecordedAccount.Held];

    /// <param name="inbox">A dump whose inbox has the files.</param>
    /// <param name="hostProgram">MultiModal.LocalHost.dll of the build.</param>
    /// <param name="simulatorProgram">AzureOpenAISimulator.dll of the build.</param>
    /// <param name="output">The dump to write.</param>
    /// <returns>An exit code.</returns>
    public static async Task<int> RecordAsync(string inbox, string hostProgram, string simulatorProgram, string output)
    {
        var files = StorageDump.Open(inbox).Dropped;
        var azurite = new AzuriteFixture();
        await azurite.InitializeAsync();
        try
        {
            var storage = azurite.NewConnectionString();
            await using var models = await Models.StartAsync(simulatorProgram);
            await using (var host = await ServingHost.StartAsync(hostProgram, RecordedHosts.Azure(storage, models.Address, Models.Key)))
            {
                await RunOnAzureAsync(host, models, files, storage);
                await host.StopAsync();
            }

            await using (var host = await ServingHost.StartAsync(hostProgram, RecordedHosts.Compatible(storage, models.Address, Models.Key)))
            {
                await DropAsync(files, storage, "compatible/");
                await host.WaitForRestAsync("compatible", 1);
                await host.StopAsync();
            }

            await using (var host = await ServingHost.StartAsync(hostProgram, RecordedHosts.Offline(storage)))
            {
                await DropAsync(files, storage, "offline/");
                await host.WaitForRestAsync("offline", 1);
                var answers = await ReadAnswersAsync(host, files.Batches.Where(b => b != RecordedAccount.Interrupted));
                await InterruptAsync(host, files, storage);
                (await StorageDump.TakeAsync(storage, answers)).Save(output);
            }
        }
        finally
        {
            await azurite.DisposeAsync();
        }

        Console.WriteLine($"{output}: {new FileInfo(output).Length:N0} bytes");
        return 0;
    }

    private static async Task RunOnAzureAsync(ServingHost host, Models models, StorageDump files, string storage)
    {
        foreach (var batch in files.Batches.Where(b => !RecordedAccount.IsCompatible(b) && !RecordedAccount.IsOffline(b) && !Eventful.Contains(b)))
        {
            await DropAsync(files, storage, files.Blobs.Any(b => b.Name == batch) ? batch : $"{batch}/");
            await host.WaitForRestAsync(batch, 1);
        }

        // An answer is paid for and lost on its way: the ledger has a line of unknown end.
        await models.PlayAsync("""{"kind":"transcription","nth":1,"fault":{"kind":"answerLost"}}""");
        await DropAsync(files, storage, "meeting/");
        await host.WaitForRestAsync("meeting", 1);

        await models.PlayAsync("""{"kind":"chat","fault":{"kind":"serverError"}}""");
        await DropAsync(files, storage, "retried/");
        await host.WaitForRestAsync("retried", 1);
        await models.PlayAsync();
        await host.StartRunAsync("retried", "?only=failed");
        await host.WaitForRestAsync("retried", 2);

        await models.PlayAsync("""{"kind":"chat","fault":{"kind":"delay","delayMs":1000}}""");
        await DropAsync(files, storage, "cancelled/");
        await Eventually.IsAsync("a call under way", models.ReadCallUnderWayAsync);
        await host.CancelAsync("cancelled");
        await host.WaitForRestAsync("cancelled", 1);
        await models.PlayAsync();
        await host.StartRunAsync("cancelled");
        await host.WaitForRestAsync("cancelled", 2);

        await DropAsync(files, storage, "grown/1");
        await host.WaitForRestAsync("grown", 1);
        await DropAsync(files, storage, "grown/2");
        await host.WaitForRestAsync("grown", 2);

        await DropAsync(files, storage, $"{RecordedAccount.Held}/");
        await host.WaitUntilAsync(RecordedAccount.Held, "held", b => b["status"]!.GetValue<string>() == "held");
    }

    /// <summary>
    /// Asks what later builds have to answer too. A list of all batches would include the one that is still to come, so each is listed alone.
    /// </summary>
    private static async Task<List<DumpedAnswer>> ReadAnswersAsync(ServingHost host, IEnumerable<string> batches)
    {
        var day = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        string[] groupings = ["day", "batch", "step", "model"];
        IEnumerable<string> paths =
        [
            .. batches.SelectMany(b => new[] { $"/api/batches?prefix={Uri.EscapeDataString(b)}", ServingHost.AddressOf(b) }),
            .. groupings.Select(by => $"/api/costs?from={day}&to={day}&by={by}"),
        ];
        var answers = new List<DumpedAnswer>();
        foreach (var path in paths) answers.Add(new DumpedAnswer(path, DumpedAnswer.Json, await host.GetAsync(path)));
        return answers;
    }

    private static async Task InterruptAsync(ServingHost host, StorageDump files, string storage)
    {
        var state = new BlobServiceClient(storage).GetBlobContainerClient(StorageDump.State);
        await DropAsync(files, storage, $"{RecordedAccount.Interrupted}/");
        await Eventually.IsAsync("a run half done", async () =>
        {
            var records = 0;
            await foreach (var blob in state.GetBlobsAsync(new GetBlobsOptions { Prefix = $"{RecordedAccount.Interrupted}-" }))
            {
                if (blob.Name.Contains("/items/", StringComparison.Ordinal)) records++;
            }

            return records >= RecordsBeforeTheKill ? host : null;
        });
        await host.KillAsync();
    }

    private static async Task DropAsync(StorageDump files, string storage, string prefix) =>
        await (files with { Blobs = [.. files.Blobs.Where(b => b.Name.StartsWith(prefix, StringComparison.Ordinal))] }).LoadAsync(storage);

    /// <summary>The simulator of the build, in a process of its own.</summary>
    private sealed class Models : IAsyncDisposable
    {
        public const string Key = "simulator-key";

        private readonly ChildProcess process;
        private readonly HttpClient http;

        private Models(ChildProcess process, Uri address) =>
            (this.process, Address, http) = (process, address, new HttpClient { BaseAddress = address });

        public Uri Address { get; }

        public static async Task<Models> StartAsync(string program)
        {
            var address = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}");
            var models = new Models(ChildProcess.StartDotnet(program, ["--urls", $"{address}"]), address);
            await Eventually.IsAsync("the simulator answers", models.ReadHealthAsync);
            return models;
        }

        /// <param name="rules">Replace those before; none for models that always answer.</param>
        public async Task PlayAsync(params string[] rules)
        {
            var script = JsonNode.Parse($$"""{"seed":1,"rules":[{{string.Join(',', rules)}}]}""");
            using var answer = await http.PutAsJsonAsync("/_simulator/script", script);
            answer.EnsureSuccessStatusCode();
        }

        /// <returns>Null while no call is under way.</returns>
        public async Task<JsonNode?> ReadCallUnderWayAsync() =>
            JsonNode.Parse(await http.GetStringAsync("/_simulator/gauge")) is { } gauge && gauge["current"]!.GetValue<int>() > 0 ? gauge : null;

        public async ValueTask DisposeAsync()
        {
            http.Dispose();
            await process.DisposeAsync();
        }

        private async Task<string?> ReadHealthAsync()
        {
            process.MustRun();
            try
            {
                return await http.GetStringAsync("/_simulator/health");
            }
            catch (HttpRequestException)
            {
                return null;
            }
        }
    }
}
