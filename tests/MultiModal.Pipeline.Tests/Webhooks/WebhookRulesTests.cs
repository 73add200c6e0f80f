using System.Net;
using System.Net.NetworkInformation;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Webhooks;

namespace MultiModal.Pipeline.Tests.Webhooks;

public sealed class WebhookRulesTests
{
    private const int OwnPort = 7080;
    private const int OtherPort = 9000;

    [Theory]
    [InlineData("http://127.0.0.1:9000/", false, false, "Webhooks:AllowLoopback")]
    [InlineData("http://localhost:9000/", false, false, "Webhooks:AllowLoopback")]
    [InlineData("http://localhost:9000/", false, true, "Webhooks:AllowLoopback")]
    [InlineData("https://0.0.0.0:9000/", false, false, "Webhooks:AllowLoopback")]
    [InlineData("http://127.0.0.1:7080/", true, true, "this host itself")]
    [InlineData("http://[::1]:7080/", true, true, "this host itself")]
    [InlineData("https://10.0.0.1/", true, false, "Webhooks:AllowPrivateAddresses")]
    [InlineData("https://[64:ff9b::169.254.169.254]/", true, false, "Webhooks:AllowPrivateAddresses")]
    public void A_webhook_that_this_host_would_never_call_is_refused_with_what_permits_it(
        string webhook, bool loopback, bool privateOnes, string named) =>
        Assert.Contains(named, Rules(loopback, privateOnes).FindRefusal(new Uri(webhook)), StringComparison.Ordinal);

    [Theory]
    [InlineData("http://127.0.0.1:9000/", true, false)]
    [InlineData("https://10.0.0.1/", false, true)]
    [InlineData("https://example.com/", false, false)]
    [InlineData("https://8.8.8.8:7080/", false, false)]
    public void A_webhook_that_the_host_permits_is_not_refused(string webhook, bool loopback, bool privateOnes) =>
        Assert.Null(Rules(loopback, privateOnes).FindRefusal(new Uri(webhook)));

    [Fact]
    public void A_name_that_comes_to_resolve_to_loopback_is_not_connected_to()
    {
        var rules = Rules(loopback: true, privateOnes: true);
        Assert.False(rules.MayConnect(IPAddress.Loopback, OtherPort, namesLoopback: false));
        Assert.True(rules.MayConnect(IPAddress.Loopback, OtherPort, namesLoopback: true));
        Assert.False(Rules(loopback: false, privateOnes: true).MayConnect(IPAddress.Loopback, OtherPort, namesLoopback: true));
    }

    [Fact]
    public void The_hosts_own_port_is_not_connected_to_by_any_address_of_the_machine()
    {
        var rules = Rules(loopback: true, privateOnes: true);
        var machine = NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address)
            .ToList();
        Assert.NotEmpty(machine);
        Assert.All(machine.SelectMany(Spellings), address => Assert.False(rules.MayConnect(address, OwnPort, namesLoopback: true), $"{address}"));
        Assert.True(rules.MayConnect(IPAddress.Parse("8.8.8.8"), OwnPort, namesLoopback: false));
    }

    [Fact]
    public void A_host_that_claims_all_ports_never_calls_its_machine()
    {
        var rules = new WebhookRules(Options.Create(new WebhookOptions { AllowLoopback = true, AllowPrivateAddresses = true }), OwnPorts.All);
        Assert.False(rules.MayConnect(IPAddress.Loopback, OtherPort, namesLoopback: true));
        Assert.NotNull(rules.FindRefusal(new Uri("http://localhost:9000/")));
    }

    private static WebhookRules Rules(bool loopback, bool privateOnes) => new(
        Options.Create(new WebhookOptions { AllowLoopback = loopback, AllowPrivateAddresses = privateOnes }), new OwnPorts(port => port == OwnPort));

    /// <summary>The same address as itself, mapped, and through a translator.</summary>
    private static IEnumerable<IPAddress> Spellings(IPAddress address) => address.GetAddressBytes() is [_, _, _, _] and var four
        ? [address, address.MapToIPv6(), new IPAddress([0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0, .. four])]
        : [address];
}
