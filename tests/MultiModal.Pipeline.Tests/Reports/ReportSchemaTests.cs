using System.Text.Json;
using System.Text.Json.Nodes;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Caching;
using MultiModal.Pipeline.Content;
using MultiModal.Pipeline.Reports;
using MultiModal.Pipeline.Runs;

namespace MultiModal.Pipeline.Tests.Reports;

public class ReportSchemaTests
{
    [Fact]
    public Task A_full_report_fits_the_schema() => ReportSchema.HoldsAsync(Full().ToJsonString());

    [Fact]
    public async Task Full_details_fit_the_schema()
    {
        var batch = BatchName.Parse("b");
        var talk = new AudioDetail(9, "en", "Hello.", [new TranscriptSegment(0, 1, "Hello."), new TranscriptSegment(1, 2, "Hi.", "A")], [new TranscriptGap(1, 2, 3)]);
        var picture = new ImageAnalysis("A sign.", "HARBOUR", ["sign"], Cut: true);
        foreach (var detail in new[]
        {
            new ItemDetail(1, batch, 1, "a.wav", ItemKind.Audio, null, talk, null),
            new ItemDetail(1, batch, 1, "a.jpg", ItemKind.Image, picture, null, null),
            new ItemDetail(1, batch, 1, "a.txt", ItemKind.Text, null, null, "Words."),
        })
        {
            await ReportSchema.HoldsDetailAsync(JsonSerializer.Serialize(detail, PipelineJson.Options));
        }
    }

    public static TheoryData<string> Members => new(
        "schemaVersion", "batch", "runSeq", "inventoryDigest", "status", "startedAt", "completedAt", "error", "options", "synthesis",
        "synthesisReason", "items", "ignored", "cost", "timing",
        "synthesis.title", "synthesis.note", "items.0.name", "items.0.etag", "items.0.contentHash", "items.0.status", "items.0.duplicateOf",
        "items.0.image", "items.0.image.description", "items.0.audio.gaps",
        "items.0.steps.0.usage", "items.0.steps.0.usage.audioSeconds", "items.0.steps.0.part", "cost.unpriced", "timing.speedup", "options.start");

    [Theory]
    [MemberData(nameof(Members))]
    public async Task A_report_without_one_of_its_members_is_refused(string path)
    {
        var report = Full();
        var (parent, member) = Find(report, path);
        Assert.True(parent.Remove(member));
        Assert.True(await ReportSchema.RefusesAsync(report.ToJsonString()));
    }

    [Theory]
    [InlineData("schemaVersion", "2")]
    [InlineData("runSeq", "0")]
    [InlineData("status", "\"done\"")]
    [InlineData("status", "null")]
    [InlineData("startedAt", "\"yesterday\"")]
    [InlineData("error", "{\"code\":\"x\"}")]
    [InlineData("error", "\"text\"")]
    [InlineData("synthesisReason", "{\"code\":\"Not Kebab\",\"message\":\"m\"}")]
    [InlineData("ignored", "-1")]
    [InlineData("ignored", "\"1\"")]
    [InlineData("items.0.contentHash", "\"abc\"")]
    [InlineData("items.0.kind", "\"video\"")]
    [InlineData("items.0.detail", "\"../../x\"")]
    [InlineData("items.0.surprise", "1")]
    [InlineData("items.0.distance", "1.1")]
    [InlineData("items.0.similarTo", "null")]
    [InlineData("items.0.image.tags", "null")]
    [InlineData("items.0.steps.0.cache", "\"maybe\"")]
    [InlineData("items.0.steps.0.costUsd", "-1")]
    [InlineData("options.webhook", "\"https://example.com/secret\"")]
    [InlineData("surprise", "1")]
    public async Task A_report_with_a_wrong_value_is_refused(string path, string json)
    {
        var report = Full();
        var (parent, member) = Find(report, path);
        parent[member] = JsonNode.Parse(json);
        Assert.True(await ReportSchema.RefusesAsync(report.ToJsonString()));
    }

    private static (JsonObject Parent, string Member) Find(JsonNode report, string path)
    {
        var names = path.Split('.');
        var at = names[..^1].Aggregate(report, (node, name) => int.TryParse(name, out var index) ? node[index]! : node[name]!);
        return (at.AsObject(), names[^1]);
    }

    private static JsonNode Full() => JsonSerializer.SerializeToNode(
        new Report
        {
            Batch = BatchName.Parse("holiday"),
            RunSeq = 3,
            InventoryDigest = "abc",
            Status = RunStatus.PartiallySucceeded,
            StartedAt = RunSketch.Started,
            CompletedAt = RunSketch.Started.AddSeconds(3),
            Error = new ReportError("a-code", "A message."),
            Options = new BatchOptions { Language = "en", Instructions = "Minutes.", MaxEdge = 512, Detail = "low", ChunkSeconds = 60,
                Vocabulary = "Azurite" },
            Synthesis = new ReportSynthesis("Title", "Summary", ["point"], ["topic"], ["action"], "en", "OpenAI/gpt-4o-mini", null),
            SynthesisReason = new ReportError("a-code", "A message."),
            Items =
            [
                new ReportItem
                {
                    Name = "a.jpg",
                    ETag = "\"0x1\"",
                    Kind = ItemKind.Image,
                    Bytes = 12,
                    ContentHash = ContentHash.Compute([1]),
                    Status = ItemStatus.Succeeded,
                    DuplicateOf = "b.jpg",
                    SimilarTo = "c.jpg",
                    Distance = 0.5,
                    Error = new ReportError("a-code", "A message."),
                    Detail = "runs/3/items/0.json",
                    Image = new ReportImage(10, 10, 5, 5, 100, null, "text", ["tag"], "note"),
                    Audio = new ReportAudio(10.5, 9, 2, "words", null, [new TranscriptGap(1, 2, 3)], null),
                    Text = "text",
                    TextNote = "note",
                    Steps = [
                        new ReportStep(
                            StepNames.AnalyzeImage, 1, StepStatus.Succeeded, null, "OpenAI/gpt-4o-mini", CacheOutcome.Miss, 2, 120,
                            new Usage(1, 2, 3, 4, 5.5), 0.001m, StartedAt: DateTimeOffset.UnixEpoch, WaitedMs: 20)],
                },
            ],
            Ignored = 1,
            Cost = new ReportCost(1.5m, 0.5m, 0.25m, ["OpenAI/llava"]),
            Timing = new ReportTiming(1000, 2000, 2),
        },
        PipelineJson.Options)!;
}
