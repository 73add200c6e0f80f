namespace MultiModal.Pipeline.Tests.Audio;

public sealed class AudioPipelineTests(Speech speech) : IClassFixture<Speech>
{
    [Fact]
    public async Task A_recording_becomes_one_piece_and_its_words()
    {
        var prepared = await speech.PrepareAsync(speech.Wav);
        var chunk = Assert.Single(prepared.Chunks);
        Assert.Equal("audio/wav", chunk.MediaType);
        var heard = await Speech.HearAsync(prepared);
        Assert.InRange(Speech.Heard(heard), Speech.Words.Length - 1, Speech.Words.Length);
    }
}
