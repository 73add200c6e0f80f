using MultiModal.Pipeline.Batches;

namespace MultiModal.Pipeline.Tests.Batches;

public sealed class WebhookAddressTests
{
    [Theory]
    [InlineData("https://example.com/done", true)]
    [InlineData("https://127.0.0.1/done", true)]
    [InlineData("http://127.0.0.1:7080/done", true)]
    [InlineData("http://localhost/done", true)]
    [InlineData("http://example.com/done", false)]
    [InlineData("ftp://127.0.0.1/done", false)]
    [InlineData("ftp://example.com/done", false)]
    [InlineData("https://anna@example.com/done", false)]
    [InlineData("/done", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_https_and_http_on_this_machine_are_allowed_and_no_credentials(string? address, bool isAllowed) =>
        Assert.Equal(isAllowed, WebhookAddress.IsAllowed(address));

    [Theory]
    [InlineData(2048, true)]
    [InlineData(2049, false)]
    public void An_address_has_at_most_2048_characters(int length, bool isAllowed) =>
        Assert.Equal(isAllowed, WebhookAddress.IsAllowed("https://example.com/".PadRight(length, 'x')));
}
