using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Admission;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Webhooks;

namespace MultiModal.Pipeline.Tests.Admission;

public sealed class BatchAdmissionTests
{
    private readonly ImageOptions images = new();
    private readonly AudioOptions audio = new();
    private readonly AiOptions ai = new();

    [Fact]
    public void Without_ceilings_of_the_host_everything_that_a_batch_can_write_is_granted()
    {
        var most = new BatchOptions
        {
            MaxEdge = 8192, Detail = "high", ChunkSeconds = 30, Instructions = new string('i', 4000), Vocabulary = new string('v', 1000),
            Language = "de",
        };
        Assert.Equal(most, Granted(most).Options);
        Assert.Empty(Granted(most).Notes);
    }

    [Theory]
    [InlineData(2048, 1024, 4096, 2048)]
    [InlineData(2048, 1024, 2048, 2048)]
    [InlineData(2048, 3000, 4096, 3000)]
    [InlineData(2048, 1024, null, null)]
    public void An_edge_is_granted_up_to_the_ceiling_or_the_hosts_own(int ceiling, int own, int? asked, int? granted)
    {
        (images.MaxEdgeCeiling, images.MaxEdge) = (ceiling, own);
        AssertGranted(
            asked != granted, new BatchOptions { MaxEdge = asked }, new BatchOptions { MaxEdge = granted },
            $"allows {granted} (Images:MaxEdgeCeiling)");
    }

    [Theory]
    [InlineData("low", "low", "high", "low")]
    [InlineData("low", "low", "auto", "low")]
    [InlineData("auto", "low", "high", "auto")]
    [InlineData("low", "auto", "high", "auto")]
    [InlineData("low", "low", "low", "low")]
    [InlineData("low", "auto", null, null)]
    public void A_detail_is_granted_up_to_the_ceiling_or_the_hosts_own(string ceiling, string own, string? asked, string? granted)
    {
        (images.DetailCeiling, images.Detail) = (ceiling, own);
        AssertGranted(asked != granted, new BatchOptions { Detail = asked }, new BatchOptions { Detail = granted }, "Images:DetailCeiling");
    }

    [Theory]
    [InlineData(300, 600, 30, 300)]
    [InlineData(300, 60, 30, 60)]
    [InlineData(300, 600, 300, 300)]
    public void Pieces_are_granted_down_to_the_floor_or_the_hosts_own(int floor, int own, int asked, int granted)
    {
        (audio.ChunkSecondsFloor, audio.ChunkSeconds) = (floor, own);
        AssertGranted(
            asked != granted, new BatchOptions { ChunkSeconds = asked }, new BatchOptions { ChunkSeconds = granted }, "Audio:ChunkSecondsFloor");
    }

    [Theory]
    [InlineData(5, "minutes", "minut")]
    [InlineData(0, "minutes", null)]
    [InlineData(2, "a😀b", "a")]
    [InlineData(7, "minutes", "minutes")]
    public void A_long_text_is_granted_up_to_the_ceiling_in_whole_characters(int ceiling, string asked, string? granted)
    {
        (ai.InstructionsCeiling, ai.VocabularyCeiling) = (ceiling, ceiling);
        AssertGranted(
            asked != granted, new BatchOptions { Instructions = asked }, new BatchOptions { Instructions = granted }, "Ai:InstructionsCeiling");
        AssertGranted(asked != granted, new BatchOptions { Vocabulary = asked }, new BatchOptions { Vocabulary = granted }, "Ai:VocabularyCeiling");
    }

    [Theory]
    [InlineData(1_572_864, "1024x1024", "1536x1024", "1536x1024")]
    [InlineData(1_572_864, "1024x1024", "2048x1024", "1024x1024")]
    [InlineData(655_360, "2048x1024", "2048x1024", "2048x1024")]
    [InlineData(655_360, "1024x640", null, null)]
    public void A_picture_is_granted_up_to_the_pixels_of_the_ceiling_or_the_hosts_own(int ceiling, string own, string? asked, string? granted)
    {
        (ai.ImageGeneration.MaxPixels, ai.ImageGeneration.Size) = (ceiling, own);
        AssertGranted(asked != granted, Pictured(size: asked), Pictured(size: granted), "Ai:ImageGeneration:MaxPixels");
    }

    [Theory]
    [InlineData("medium", "low", "high", "medium")]
    [InlineData("medium", "low", "medium", "medium")]
    [InlineData("low", "high", "high", "high")]
    [InlineData("low", "low", "max", "low")]
    [InlineData("low", "low", null, null)]
    public void A_quality_is_granted_up_to_the_ceiling_or_the_hosts_own(string ceiling, string own, string? asked, string? granted)
    {
        (ai.ImageGeneration.QualityCeiling, ai.ImageGeneration.Quality) = (ceiling, own);
        AssertGranted(asked != granted, Pictured(quality: asked), Pictured(quality: granted), "Ai:ImageGeneration:QualityCeiling");
    }

    [Fact]
    public void Wishes_for_a_picture_are_read_up_to_the_ceiling()
    {
        ai.ImageGeneration.PromptCeiling = 5;
        AssertGranted(true, Pictured(prompt: "a ferry"), Pictured(prompt: "a fer"), "Ai:ImageGeneration:PromptCeiling");
        AssertGranted(false, Pictured(prompt: "ferry"), Pictured(prompt: "ferry"), "");
        AssertGranted(false, new BatchOptions(), new BatchOptions(), "");
    }

    private static BatchOptions Pictured(string? prompt = null, string? size = null, string? quality = null) =>
        new() { Illustration = new IllustrationOptions(prompt, size, quality) };

    private void AssertGranted(bool noted, BatchOptions asked, BatchOptions granted, string named)
    {
        var outcome = Granted(asked);
        Assert.Equal(granted, outcome.Options);
        if (noted) Assert.Contains(named, Assert.Single(outcome.Notes), StringComparison.Ordinal);
        else Assert.Empty(outcome.Notes);
    }

    private GrantedOptions Granted(BatchOptions asked) => new BatchAdmission(
        new WebhookRules(Options.Create(new WebhookOptions()), OwnPorts.All), Options.Create(images), Options.Create(audio),
        Options.Create(ai)).Admit(asked).Value;
}
