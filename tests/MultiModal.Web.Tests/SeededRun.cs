using System.Text.Json;
using Azure.Storage.Blobs.Models;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Web.Tests;

/// <summary>A run whose state is there as its steps would have left it.</summary>
internal sealed class SeededRun(ApiServer server, RunReference run)
{
    /// <summary>Begins the third run of a batch, with items of these kinds.</summary>
    /// <param name="server">The server.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="items">Kind of each item, and the index of its original if it is a duplicate.</param>
    public static async Task<SeededRun> BeginAsync(ApiServer server, string batch, params (ItemKind Kind, int? DuplicateOf)[] items)
    {
        var run = new RunReference(BatchName.Parse(batch), 3);
        await server.KnowsAsync(new BatchState { Batch = run.Batch, RunSeq = 3, LastStatus = RunStatus.Succeeded });
        await server.Runs.WritePageAsync(
            run, "d", 0,
            [
                .. items.Select((item, index) => new InventoryItem
                {
                    Index = index, Name = $"{index}", BlobName = $"{batch}/{index}", ETag = "e", Bytes = 1, Kind = item.Kind,
                    Hash = ContentHash.Compute([(byte)index]), DuplicateOf = item.DuplicateOf,
                }),
            ],
            CancellationToken.None);
        await server.Runs.WriteHeaderAsync(
            run,
            new InventoryHeader
            {
                Count = items.Length, Digest = "d", Ignored = 0, StartedAt = server.Time.GetUtcNow(), Options = BatchOptions.Default,
            },
            CancellationToken.None);
        return new SeededRun(server, run);
    }

    /// <summary>Stores a picture that was sent, and its record.</summary>
    public async Task SentAsync(int index, int part, string entry, byte[] picture, (int Width, int Height) size, params byte[][] tiles)
    {
        await StoreAsync($"{entry}/image-2", picture);
        var parts = new List<ImageTile>();
        foreach (var tile in tiles)
        {
            var name = $"{entry}/tiles-1/tile-{parts.Count}";
            await StoreAsync(name, tile);
            parts.Add(new ImageTile(
                name, ContentHash.Compute(tile), "image/jpeg", tile.Length, size.Width, size.Height, "high", 0, 0, size.Width, size.Height));
        }

        var record = new OptimizedImageRecord(
            parts.Count == 0 ? $"{entry}/image-2" : parts[0].CacheName, ContentHash.Compute(picture), "image/jpeg", picture.Length, size.Width,
            size.Height, size.Width * 2, size.Height * 2, Note: null, Tiles: parts.Count == 0 ? null : parts);
        await RecordAsync(index, StepNames.OptimizeImage, part, record);
    }

    public Task PreparedAsync(int index, double seconds, byte[]? peaks) => RecordAsync(
        index, StepNames.PrepareAudio, 0,
        new PreparedAudioRecord(
            new AudioPlan(seconds, seconds, null, [new AudioPlanChunk("audio/wav", seconds, 1, [])]), "c", [ContentHash.Compute([1])],
            Peaks: peaks is null ? (ReadOnlyMemory<byte>?)null : peaks));

    public Task FailedAsync(int index, string step, int part) => server.Runs.WriteRecordAsync(
        new ItemReference(run, index, part),
        new StepRecord
        {
            Step = step, Part = part, Parts = 1, Status = StepStatus.Failed, Failure = new Failure("corrupt-image", "why"),
            StartedAt = server.Time.GetUtcNow(), DurationMs = 1,
        },
        CancellationToken.None);

    private Task RecordAsync<T>(int index, string step, int part, T result) => server.Runs.WriteRecordAsync(
        new ItemReference(run, index, part),
        new StepRecord
        {
            Step = step, Part = part, Parts = 1, Status = StepStatus.Succeeded, StartedAt = server.Time.GetUtcNow(), DurationMs = 1,
            Result = JsonSerializer.SerializeToElement(result, PipelineJson.Options),
        },
        CancellationToken.None);

    private async Task StoreAsync(string name, byte[] picture) => await server.Account.Cache.GetBlobClient(name).UploadAsync(
        new BinaryData(picture), new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = "image/jpeg" } });
}
