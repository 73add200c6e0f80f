using MultiModal.Pipeline.Audio;

namespace MultiModal.Pipeline.Tests.Audio;

/// <summary>The recording that <c>./run</c> drops, of which samples/README.md names the words.</summary>
public sealed class SampleTests(Speech speech) : IClassFixture<Speech>
{
    private static readonly string[] Words =
    [
        "hospital", "water", "electricity", "doctor", "president", "monday", "children", "teachers",
        "visited", "garden", "company", "money", "summer", "festival", "city",
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_words_of_the_sample_are_recognised_with_and_without_ffmpeg(bool withFfmpeg)
    {
        var preparer = withFfmpeg ? Speech.Preparer() : Speech.WithoutFfmpeg();
        var prepared = await preparer.PrepareAsync(
            Repository.File("samples", "town", "recording.wav"), "audio/wav", new AudioRequest(Speech.Offline, 600, true), speech.NewFolder(),
            CancellationToken.None);
        var heard = (await Speech.HearAsync(prepared.Value)).Transcript.Text.Split(' ');
        Assert.InRange(Words.Count(w => heard.Contains(w)), 14, 15);
    }
}
