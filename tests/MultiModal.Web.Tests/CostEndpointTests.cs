using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Azure.Data.Tables;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Web.Tests;

[Collection(SharedAzurite.Name)]
public sealed class CostEndpointTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly string storage = azurite.NewConnectionString();
    private MediaAccount account = null!;
    private ApiServer server = null!;

    public async Task InitializeAsync()
    {
        account = MediaAccount.Open(new StorageOptions { ConnectionString = storage });
        await account.CreateContainersAsync(CancellationToken.None);
        server = await ApiServer.StartAsync(account, new StorageOptions { ConnectionString = storage },
            ("Storage:ConnectionString", storage),
            ("AZURE_OPENAI_ENDPOINT", "http://127.0.0.1:1/"),
            ("AZURE_OPENAI_API_KEY", "k"),
            ("Ai:Vision:Deployment", "gpt-4o"),
            ("Ai:Text:Deployment", "gpt-4o"));
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task Costs_are_summed_by_the_requested_grouping()
    {
        await LineAsync("2026-03-01", "a", "one", "analyze-image", "Settled", "0.25");
        await LineAsync("2026-03-01", "b", "one", "synthesize", "Settled", "0.50");
        await LineAsync("2026-03-02", "c", "two", "analyze-image", "Unknown", null);
        var byDay = await server.GetJsonAsync("/api/costs?from=2026-03-01&to=2026-03-31");
        Assert.Equal([("2026-03-01", 0.75m, 0m), ("2026-03-02", 0m, 0.1m)], Rows(byDay));
        Assert.Equal(
            (3, 0.75m),
            (byDay.GetProperty("total").GetProperty("calls").GetInt32(), byDay.GetProperty("total").GetProperty("spentUsd").GetDecimal()));
        Assert.Equal([("one", 0.75m, 0m), ("two", 0m, 0.1m)], Rows(await server.GetJsonAsync("/api/costs?from=2026-03-01&to=2026-03-31&by=batch")));
        Assert.Equal(
            [("analyze-image", 0.25m, 0.1m), ("synthesize", 0.50m, 0m)],
            Rows(await server.GetJsonAsync("/api/costs?from=2026-03-01&to=2026-03-31&by=step")));
        Assert.Equal([("AzureOpenAI/gpt-4o", 0.75m, 0.1m)], Rows(await server.GetJsonAsync("/api/costs?from=2026-03-01&to=2026-03-31&by=model")));
        Assert.Equal([("2026-03-02", 0m, 0.1m)], Rows(await server.GetJsonAsync("/api/costs?from=2026-03-02&to=2026-03-02")));
    }

    [Fact]
    public async Task The_costs_of_one_run_leave_out_other_runs_and_batches()
    {
        await LineAsync("2026-03-01", "a", "one", "analyze-image", "Settled", "0.25");
        await LineAsync("2026-03-01", "b", "one", "synthesize", "Settled", "0.50");
        await LineAsync("2026-03-01", "c", "two", "synthesize", "Settled", "1");
        await LineAsync("2026-03-01", "d", "one", "synthesize", "Settled", "2", runSeq: 2);

        var costs = await server.GetJsonAsync("/api/costs?batch=one&run=1&by=step&from=2026-03-01&to=2026-03-01");

        Assert.Equal([("analyze-image", 0.25m, 0m), ("synthesize", 0.50m, 0m)], Rows(costs));
        Assert.Equal(0.75m, costs.GetProperty("total").GetProperty("spentUsd").GetDecimal());
    }

    [Fact]
    public async Task The_budget_of_a_host_is_shown_with_what_is_left_of_it_today()
    {
        Assert.False((await server.GetJsonAsync("/api/costs")).TryGetProperty("budget", out _));
        var today = server.Time.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        await LineAsync(today, "a", "one", "synthesize", "Settled", "0.50");
        await LineAsync(today, "b", "one", "synthesize", "Unknown", null);
        await using var limited = await ApiServer.StartAsync(
            account, new StorageOptions { ConnectionString = storage }, ("Storage:ConnectionString", storage), ("Budget:PerDayUsd", "2"));

        var budget = (await limited.GetJsonAsync("/api/costs?from=2026-01-01&to=2026-01-01")).GetProperty("budget");

        Assert.Equal(JsonValueKind.Null, budget.GetProperty("perRunUsd").ValueKind);
        Assert.Equal(2m, budget.GetProperty("perDayUsd").GetDecimal());
        Assert.Equal(1.4m, budget.GetProperty("leftTodayUsd").GetDecimal());
    }

    [Fact]
    public async Task An_empty_ledger_gives_zero_costs_and_no_error()
    {
        var costs = await server.GetJsonAsync("/api/costs");
        Assert.Equal(0, costs.GetProperty("total").GetProperty("calls").GetInt32());
        Assert.Empty(costs.GetProperty("rows").EnumerateArray());
        Assert.Equal(
            server.Time.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), costs.GetProperty("to").GetString());
    }

    [Theory]
    [InlineData("from=yesterday")]
    [InlineData("to=2026-02-30")]
    [InlineData("by=hour")]
    [InlineData("from=2026-03-02&to=2026-03-01")]
    [InlineData("from=2020-01-01&to=2026-01-01")]
    [InlineData("batch=one")]
    [InlineData("run=1")]
    [InlineData("batch=one&run=0")]
    public async Task A_query_that_means_nothing_is_refused(string query)
    {
        using var response = await server.Client.GetAsync(new Uri($"/api/costs?{query}", UriKind.Relative));
        await ApiServer.AssertProblemAsync(response, 400, "invalid-query");
    }

    [Fact]
    public async Task A_batch_is_estimated_before_anything_is_paid()
    {
        await server.KnowsAsync(new BatchState { Batch = BatchName.Parse("plan") });
        await account.Inbox.GetBlobClient("plan/a.png").UploadAsync(new BinaryData(Png.Grey(200, 100)));
        await account.Inbox.GetBlobClient("plan/b.txt").UploadAsync(new BinaryData("A note that costs nothing to read."));
        await account.Inbox.GetBlobClient("plan/c.png").UploadAsync(new BinaryData(Png.Grey(200, 100)[..40]));
        var estimate = await EstimateAsync("plan");
        var items = estimate.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(
            [(1, null), (0, null), (0, "corrupt-image")], items.Select(i => (i.GetProperty("calls").GetInt32(), i.GetProperty("code").GetString())));

        // 255 tokens of image at 2.50 USD a million are in any answer; the prompt and what is answered come on top.
        var (least, expected, most) = Range(items[0].GetProperty("price"));
        Assert.True(255 * 2.50m / 1_000_000 < least && least < expected && expected < most, $"{least} {expected} {most}");
        Assert.Equal(0, Range(estimate.GetProperty("synthesis")).Least);
        Assert.Equal(Range(estimate.GetProperty("total")).Most, most + Range(estimate.GetProperty("synthesis")).Most);
        Assert.Empty(estimate.GetProperty("unpriced").EnumerateArray());
        await foreach (var blob in account.State.GetBlobsAsync(
            new Azure.Storage.Blobs.Models.GetBlobsOptions { Prefix = $"{BatchName.Parse("plan").Key}/" })) Assert.DoesNotContain(
                "/items/", blob.Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_that_is_not_there_cannot_be_estimated()
    {
        using var response = await server.Client.PostAsync(new Uri("/api/batches/gone/estimate", UriKind.Relative), null);
        await ApiServer.AssertProblemAsync(response, 404, "batch-not-found");
    }

    [Fact]
    public async Task A_batch_with_invalid_options_gets_an_error_instead_of_an_estimate()
    {
        await server.KnowsAsync(new BatchState { Batch = BatchName.Parse("wrong") });
        await account.Inbox.GetBlobClient("wrong/batch.json").UploadAsync(new BinaryData("""{ "maxEdge": 5 }"""));
        using var response = await server.Client.PostAsync(new Uri("/api/batches/wrong/estimate", UriKind.Relative), null);
        await ApiServer.AssertProblemAsync(response, 400, "invalid-batch-options");
    }

    private async Task<JsonElement> EstimateAsync(string batch)
    {
        using var response = await server.Client.PostAsync(new Uri($"/api/batches/{batch}/estimate", UriKind.Relative), null);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task LineAsync(string day, string id, string batch, string step, string state, string? cost, int runSeq = 1)
    {
        var table = new TableServiceClient(storage).GetTableClient(CostLedger.TableName);
        await table.CreateIfNotExistsAsync();
        await table.AddEntityAsync(new TableEntity(day, id)
        {
            ["State"] = state,
            ["ReservedAt"] = DateTimeOffset.UnixEpoch,
            ["ExpiresAt"] = DateTimeOffset.UnixEpoch,
            ["Batch"] = batch,
            ["RunSeq"] = runSeq,
            ["Step"] = step,
            ["Engine"] = "AzureOpenAI/gpt-4o",
            ["EstimatedUsd"] = "0.1",
            ["CostUsd"] = cost,
        });
    }

    private static List<(string, decimal, decimal)> Rows(JsonElement costs) =>
    [
        .. costs.GetProperty("rows").EnumerateArray().Select(r => (
            r.GetProperty("key").GetString()!,
            r.GetProperty("sum").GetProperty("spentUsd").GetDecimal(),
            r.GetProperty("sum").GetProperty("unknownUsd").GetDecimal())),
    ];

    private static (decimal Least, decimal Expected, decimal Most) Range(JsonElement price) =>
        (price.GetProperty("leastUsd").GetDecimal(), price.GetProperty("expectedUsd").GetDecimal(), price.GetProperty("mostUsd").GetDecimal());
}
