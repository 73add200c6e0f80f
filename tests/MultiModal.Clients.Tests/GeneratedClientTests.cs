using System.Text.Json;
using Microsoft.Kiota.Abstractions.Authentication;
using Microsoft.Kiota.Http.HttpClientLibrary;
using MultiModal.Client;
using MultiModal.Client.Models;
using MultiModal.Pipeline.Batches;
using MultiModal.Testing.Files;
using MultiModal.Testing.Programs;
using MultiModal.Web.Tests;
using RunStatus = MultiModal.Pipeline.Batches.RunStatus;

namespace MultiModal.Clients.Tests;

/// <summary>Clients that generators make of openapi.json read a report and more from the API. Their code is made by each build, and not committed.</summary>
[Collection(SharedAzurite.Name)]
public sealed class GeneratedClientTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private ApiServer server = null!;

    private string Host => server.Client.BaseAddress!.ToString().TrimEnd('/');

    public async Task InitializeAsync()
    {
        server = await ApiServer.StartAsync(await azurite.NewAccountAsync());
        var document = await server.GetJsonAsync("/openapi.json");
        var report = document.GetProperty("paths").GetProperty("/api/batches/{batch}/report").GetProperty("get").GetProperty("responses")
            .GetProperty("200").GetProperty("content").GetProperty("application/json").GetProperty("example");
        await server.KnowsAsync(new BatchState { Batch = BatchName.Parse("holiday"), RunSeq = 1, LastStatus = RunStatus.Succeeded });
        await server.Account.Results.GetBlobClient("holiday/report.json").UploadAsync(new BinaryData(JsonSerializer.SerializeToUtf8Bytes(report)));
        await server.Account.Inbox.GetBlobClient("holiday/note.md").UploadAsync(BinaryData.FromString("Anna looks after the bread stall."));
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task The_client_that_Kiota_makes_reads_a_report_a_list_of_files_and_a_problem()
    {
        using var adapter = new HttpClientRequestAdapter(new AnonymousAuthenticationProvider()) { BaseUrl = Host };
        var batch = new MultiModalClient(adapter).Api.Batches["holiday"];
        var report = await batch.Report.GetAsync();
        var files = await batch.Files.GetAsync();
        var problem = await Assert.ThrowsAsync<Problem>(() => new MultiModalClient(adapter).Api.Batches["none"].GetAsync());

        Assert.Equal(("holiday", Report_status.Succeeded), (report!.Batch, report.Status));
        Assert.Equal(ReportStep_step.ReadText, Assert.Single(Assert.Single(report.Items!).Steps!).Step);
        Assert.Equal(1.21, report.Timing!.Speedup);
        Assert.Equal("note.md", Assert.Single(files!.Files!).Path);
        Assert.Equal("batch-not-found", problem.Code);
    }

    [Fact]
    public async Task The_types_that_openapi_typescript_makes_fit_a_report()
    {
        using var folder = new TemporaryFolder();
        var (document, types, script) = (folder["openapi.json"], folder["api.d.ts"], folder["client.mts"]);
        await File.WriteAllTextAsync(document, (await server.GetJsonAsync("/openapi.json")).GetRawText());
        File.Copy(Repository.File("tests", "MultiModal.Clients.Tests", "client.mts"), script);
        await Tool.RunAsync("node", Program("openapi-typescript", "bin", "cli.js"), document, "--output", types);
        await Tool.RunAsync("node", Program("typescript", "bin", "tsc"), "--strict", "--target", "es2022", "--module", "node16", script);
        var printed = await Tool.RunAsync("node", folder["client.mjs"], Host);

        Assert.Equal("holiday succeeded read-text 0 note.md", printed.Trim());
    }

    private static string Program(params string[] path) => Repository.File(["node_modules", .. path]);
}
