using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Azure.Data.Tables;
using AzureOpenAISimulator;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Reports;

namespace MultiModal.LocalHost.Tests;

[Collection(SharedAzurite.Name)]
public sealed class DeletedBatchTests(AzuriteFixture azurite)
{
    /// <summary>USD: enough for one call's estimate, and not for that and what another call cost.</summary>
    private const decimal OneCall = 0.0065m;

    [Fact]
    public async Task A_batch_that_was_deleted_and_made_again_starts_with_no_money_spent()
    {
        var storage = azurite.NewConnectionString();
        await using var simulator = await SimulatorServer.StartAsync();
        await using var host = await RunningHost.StartAsync(
            storage, simulator, string.Create(CultureInfo.InvariantCulture, $"Budget:PerRunUsd={OneCall}"));
        var first = await RunAsync(host, TestImage.Jpeg(1));
        Assert.Equal(HttpStatusCode.NoContent, (await host.Http.DeleteAsync(new Uri("/api/batches/album", UriKind.Relative))).StatusCode);

        var second = await RunAsync(host, TestImage.Jpeg(2));
        Assert.Equal((1, RunStatus.Succeeded), (second.RunSeq, second.Status));
        Assert.Equal(first.Cost.SpentUsd, second.Cost.SpentUsd);
        Assert.InRange(first.Cost.SpentUsd + await EstimateAsync(storage), OneCall + 0.000001m, decimal.MaxValue);

        var costs = await host.Http.GetFromJsonAsync<JsonElement>(new Uri("/api/costs?by=batch", UriKind.Relative));
        Assert.Equal(2 * first.Cost.SpentUsd, costs.GetProperty("total").GetProperty("spentUsd").GetDecimal());
    }

    private static async Task<Report> RunAsync(RunningHost host, byte[] picture)
    {
        await host.Account.Inbox.GetBlobClient("album/a.jpg").UploadAsync(new BinaryData(picture), overwrite: true);
        await host.RestedAsync("album");
        return await host.ReportAsync("album");
    }

    private static async Task<decimal> EstimateAsync(string storage)
    {
        var lines = await new TableServiceClient(storage).GetTableClient("costs").QueryAsync<TableEntity>(l => l.PartitionKey != "budget")
            .ToListAsync();
        return decimal.Parse(lines[0].GetString("EstimatedUsd"), CultureInfo.InvariantCulture);
    }
}
