using MultiModal.Pipeline.Webhooks;

namespace MultiModal.Pipeline.Tests.Webhooks;

public sealed class WebhookOptionsValidatorTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("", "")]
    [InlineData("any text", "https://media.example.org")]
    [InlineData("whsec_YSBrZXkgdGhhdCBpcyBieXRlcw==", "http://10.0.0.7:7080/media/")]
    public void A_secret_is_text_or_base64_after_its_prefix_and_an_address_is_that_of_a_host(string? secret, string? url) =>
        Assert.True(new WebhookOptionsValidator().Validate(null, new WebhookOptions { Secret = secret, PublicUrl = url }).Succeeded);

    [Theory]
    [InlineData("whsec_not base64", null, "Webhooks:Secret")]
    [InlineData("whsec_", null, "Webhooks:Secret")]
    [InlineData(null, "media.example.org", "Webhooks:PublicUrl")]
    [InlineData(null, "ftp://media.example.org", "Webhooks:PublicUrl")]
    [InlineData(null, "https://me@media.example.org", "Webhooks:PublicUrl")]
    [InlineData(null, "https://media.example.org/?code=key", "Webhooks:PublicUrl")]
    public void What_could_not_be_used_stops_the_host_and_is_named(string? secret, string? url, string setting)
    {
        var wrong = new WebhookOptionsValidator().Validate(null, new WebhookOptions { Secret = secret, PublicUrl = url });
        Assert.StartsWith(setting, Assert.Single(wrong.Failures!), StringComparison.Ordinal);
    }
}
