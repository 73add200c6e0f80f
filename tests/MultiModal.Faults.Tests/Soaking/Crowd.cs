using System.Diagnostics;
using System.Globalization;
using AzureOpenAISimulator;
using MultiModal.Faults.Tests.Hosts;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Faults.Tests.Soaking;

/// <summary>
/// Very many small files, in one batch or in many, through the real host without faults: how long until all are at rest, and whether the invariants
/// hold.
/// </summary>
internal static class Crowd
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    public static async Task<int> RunAsync(string blobs, string batches)
    {
        var (blobCount, batchCount) = (int.Parse(blobs, CultureInfo.InvariantCulture), int.Parse(batches, CultureInfo.InvariantCulture));
        var azurite = AzuriteFixture.OnDisk();
        await azurite.InitializeAsync();
        try
        {
            await using var simulator = await SimulatorServer.StartAsync();
            var storage = azurite.NewConnectionString();
            var account = MediaAccount.Open(new StorageOptions { ConnectionString = storage });
            await account.CreateContainersAsync(CancellationToken.None);
            await Parallel.ForAsync(0, blobCount, async (number, token) => await account.Inbox
                .GetBlobClient(string.Create(CultureInfo.InvariantCulture, $"batch{number % batchCount:D5}/{number:D6}.txt"))
                .UploadAsync(
                    BinaryData.FromString(string.Create(CultureInfo.InvariantCulture, $"Note {number}: the ferry leaves at {number % 24}.")), token));
            var start = Stopwatch.GetTimestamp();
            await using var host = LocalHostProgram.Start(["serve"], HostSettings.For(storage, simulator));
            var invariants = new Invariants(storage, simulator);
            var rested = await invariants.AtRestAsync(host, Limit);
            var took = Stopwatch.GetElapsedTime(start);
            await invariants.HoldAsync(rested);
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"many: {blobCount} blobs in {rested.Count} batches at rest after {took.TotalSeconds:0} s, {simulator.Requests.Count} model calls; all invariants hold"));
            return 0;
        }
        finally
        {
            await azurite.DisposeAsync();
        }
    }
}
