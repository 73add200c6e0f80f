using System.Globalization;
using System.Text.Json;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Text;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Pipeline.Tests.Reports;

/// <summary>A run as its steps would have left it: an inventory in the making, and records.</summary>
internal sealed class RunSketch(string batch = "holiday", int runSeq = 1)
{
    private readonly List<(InventoryItem Item, List<StepRecord> Records)> items = [];

    public static DateTimeOffset Started { get; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public RunReference Run { get; } = new(BatchName.Parse(batch), runSeq);

    public Failure? Failure { get; init; }

    public BatchOptions Options { get; init; } = BatchOptions.Default;

    public IReadOnlyList<(InventoryItem Item, List<StepRecord> Records)> Items => items;

    public InventoryItem Add(ItemKind kind, string name, params StepRecord[] records) => Add(kind, name, null, null, records);

    public InventoryItem Add(ItemKind kind, string name, Failure? failure, int? duplicateOf, params StepRecord[] records)
    {
        var item = new InventoryItem
        {
            Index = items.Count,
            Name = name,
            BlobName = $"{Run.Batch}/{name}",
            ETag = string.Create(CultureInfo.InvariantCulture, $"\"0x{items.Count:X8}\""),
            Bytes = 1000,
            Kind = kind,
            Hash = ContentHash.Compute(System.Text.Encoding.UTF8.GetBytes(duplicateOf is { } original ? items[original].Item.Name : name)),
            Failure = failure,
            DuplicateOf = duplicateOf,
        };
        items.Add((item, [.. records]));
        return item;
    }

    public InventoryItem AddText(string name, string text) =>
        Add(ItemKind.Text, name, Done(StepNames.ReadText, new TextContent(text, "utf-8"), parts: 0));

    public InventoryItem AddImage(string name, string? description, string text) => Add(ItemKind.Image, name,
        Done(StepNames.OptimizeImage, Optimized()),
        Done(
            StepNames.AnalyzeImage,
            new ImageAnalysis(description, text, [])) with { Cache = CacheOutcome.Miss, Engine = "OpenAI/gpt-4o-mini", CostUsd = 0.0012m,
                SavedByOptimizingUsd = 0.003m, Attempts = [new(Started, 900, 200, null)], DurationMs = 5000 });

    public InventoryItem AddAudio(string name, params StepRecord[] chunks) => Add(ItemKind.Audio, name,
        [Done(
            StepNames.PrepareAudio,
            new PreparedAudioRecord(Plan(chunks.Length), "audio/x", [.. chunks.Select((_, i) => ContentHash.Compute([(byte)i]))]),
            parts: chunks.Length), .. chunks]);

    public static StepRecord Chunk(int part, string text) =>
        Done(StepNames.TranscribeAudio, new Transcript([new TranscriptSegment(0, 9, text)], "en"), part);

    public static OptimizedImageRecord Optimized() => new("images/a", ContentHash.Compute([1]), "image/jpeg", 500, 100, 80, 1000, 800, null);

    public static AudioPlan Plan(int chunks) => new(chunks * 10, chunks * 10, null,
        Enumerable.Range(0, chunks).Select(i => new AudioPlanChunk("audio/wav", 10, 320_000, [new ChunkSpan(0, i * 10, 10)])).ToList());

    public static StepRecord Done<T>(string step, T result, int part = 0, int parts = 1) => new()
    {
        Step = step,
        Part = part,
        Parts = parts,
        Status = StepStatus.Succeeded,
        StartedAt = Started,
        DurationMs = 100,
        Result = JsonSerializer.SerializeToElement(result, PipelineJson.Options),
    };

    public static StepRecord Not(string step, StepStatus status, string code, int part = 0) => new()
    {
        Step = step,
        Part = part,
        Status = status,
        Failure = new Failure(code, "It went wrong. Try something else."),
        StartedAt = Started,
        DurationMs = 100,
    };

    /// <summary>Writes the record of a step that used an entry of the cache.</summary>
    public static Task WriteUseAsync(RunStore runs, ItemReference item, string cacheName) => runs.WriteRecordAsync(
        item, Done(StepNames.OptimizeImage, new { }) with { CacheName = cacheName }, CancellationToken.None);

    /// <summary>Writes records, pages and header as a run does.</summary>
    public async Task StoreAsync(RunStore runs)
    {
        foreach (var page in items.Select(i => i.Item).Chunk(SliceReference.Size))
        {
            await runs.WritePageAsync(Run, $"digest-{Run.RunSeq}", page[0].Index / SliceReference.Size, page, CancellationToken.None);
        }

        await Parallel.ForEachAsync(
            items.SelectMany(i => i.Records.Select(r => (i.Item.Index, Record: r))), new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (r, token) => await runs.WriteRecordAsync(new ItemReference(Run, r.Index, r.Record.Part), r.Record, token));
        await runs.WriteHeaderAsync(
            Run,
            new InventoryHeader { Count = items.Count, Digest = $"digest-{Run.RunSeq}", Ignored = 2, StartedAt = Started, Options = Options,
                Failure = Failure },
            CancellationToken.None);
    }
}
