using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Poison;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Faults.Tests.Poison;

[Collection(SharedAzurite.Name)]
public sealed class PoisonTests(AzuriteFixture azurite)
{
    private const int Good = 8;

    [Fact]
    public async Task A_picture_that_crashes_the_process_crashes_three_and_fails_alone()
    {
        var storage = azurite.NewConnectionString();
        var account = MediaAccount.Open(new StorageOptions { ConnectionString = storage });
        await account.CreateContainersAsync(CancellationToken.None);
        for (var item = 0; item < Good; item++) await account.Inbox.GetBlobClient($"album/good{item}.jpg")
            .UploadAsync(new BinaryData(TestImage.Jpeg(item)));
        byte[] poison = [.. TestImage.Jpeg(99), .. CrashingImageEngine.Venom];
        await account.Inbox.GetBlobClient("album/poison.jpg").UploadAsync(new BinaryData(poison));

        var ends = new List<bool>();
        while (ends.Count < 6 && !ends.Contains(true)) ends.Add(await EndsWellAsync(storage));
        Assert.Equal([false, false, false, true], ends);

        await using var process = new PipelineProcess(storage, simulator: null);
        var report = await process.ReadReportAsync("album");
        Assert.Equal("step-crashed", report.Items.Single(i => i.Name == "poison.jpg").Error?.Code);
        var run = new RunReference(BatchName.Parse("album"), 1);
        foreach (var item in report.Items.Select((item, index) => (item.Name, index)).Where(i => i.Name != "poison.jpg"))
        {
            var record = await process.Runs.ReadRecordAsync(new ItemReference(run, item.index), StepNames.OptimizeImage, CancellationToken.None);
            Assert.Equal(StepStatus.Succeeded, record?.Status);
        }

        // A good one whose picture was kept just when the process ended may leave a mark; only the guilty one has gathered three.
        var starts = new List<int>();
        await foreach (var blob in account.State.GetBlobsAsync(new Azure.Storage.Blobs.Models.GetBlobsOptions { Prefix = "starts/" }))
        {
            starts.Add((await account.State.ReadJsonAsync<DecodeMark>(blob.Name, CancellationToken.None))!.Value.Starts.Count);
        }

        Assert.Single(starts, count => count == DecodeMarks.MaxStarts);
    }

    private static async Task<bool> EndsWellAsync(string storage)
    {
        await using var process = OwnProgram.Start("poison", storage, "album");
        var exitCode = await process.EndAsync();
        if (exitCode != 0) Assert.Contains("A decoder wrote where it should not.", await process.Errors, StringComparison.Ordinal);
        return exitCode == 0;
    }
}
