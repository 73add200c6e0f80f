using AzureOpenAISimulator;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Runs;

namespace MultiModal.LocalHost.Tests;

[Collection(SharedAzurite.Name)]
public sealed class CutAnswerTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task An_answer_that_was_cut_is_in_the_report_with_its_code_and_is_paid_once()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Settings = simulator.Settings with { AnswerTokens = 40_000 };
        await using var host = await RunningHost.StartAsync(azurite.NewConnectionString(), simulator);
        await host.Account.Inbox.GetBlobClient("page/a.jpg").UploadAsync(new BinaryData(TestImage.Jpeg(1)));
        await host.RestedAsync("page");
        var item = Assert.Single((await host.ReportAsync("page")).Items);
        Assert.Equal((ItemStatus.Succeeded, FailureCodes.AnswerCut), (item.Status, Assert.Single(item.Warnings).Code));
        Assert.Contains("maximum length", item.Image!.Note, StringComparison.Ordinal);
        Assert.NotEmpty(item.Image.Text + item.Image.Description);

        var paid = simulator.Requests.Select(r => (string?)r.Body!["response_format"]!["json_schema"]!["name"]).ToList();
        Assert.Single(paid, "image_analysis");

        using var again = await host.Http.PostAsync(new Uri("/api/batches/page/start", UriKind.Relative), null);
        await host.RestedAsync("page", runSeq: 2);
        Assert.Single((await host.ReportAsync("page")).Items[0].Warnings);
        Assert.Equal(paid.Count, simulator.Requests.Count);
    }
}
