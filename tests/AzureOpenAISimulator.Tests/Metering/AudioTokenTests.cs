using AzureOpenAISimulator.Metering;

namespace AzureOpenAISimulator.Tests.Metering;

public sealed class AudioTokenTests
{
    [Theory]
    [InlineData(1.7, 17, 2)]
    [InlineData(6.4625, 64, 6)]
    [InlineData(60, 600, 60)]
    public void Audio_is_metered_as_recorded(double seconds, int tokens, int billed) =>
        Assert.Equal((tokens, billed), (AudioTokens.Of(seconds), AudioTokens.BilledSeconds(seconds)));
}
