using System.ComponentModel.DataAnnotations;
using MultiModal.Pipeline.Audio;

namespace MultiModal.Pipeline.Tests.Audio;

public class AudioOptionsTests
{
    [Fact]
    public void The_defaults_are_valid() => Assert.Empty(Validate(new AudioOptions()));

    [Fact]
    public void A_bad_setting_is_named()
    {
        Assert.Contains("Audio:ChunkSeconds", Assert.Single(Validate(new AudioOptions { ChunkSeconds = 0 })), StringComparison.Ordinal);
        Assert.Contains("Audio:FfmpegPath", Assert.Single(Validate(new AudioOptions { FfmpegPath = "" })), StringComparison.Ordinal);
        Assert.Contains("Audio:SilenceFloorDb", Assert.Single(Validate(new AudioOptions { SilenceFloorDb = -30 })), StringComparison.Ordinal);
        Assert.Contains("Audio:KeptSilenceSeconds", Assert.Single(Validate(new AudioOptions { KeptSilenceSeconds = 2 })), StringComparison.Ordinal);
    }

    private static List<string> Validate(AudioOptions options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        return [.. results.Select(r => r.ErrorMessage!)];
    }
}
