using System.Net;
using MultiModal.Pipeline.Webhooks;

namespace MultiModal.Pipeline.Tests.Webhooks;

public sealed class AddressScopeTests
{
    [Theory]
    [InlineData("64:ff9b::169.254.169.254")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("64:ff9b:1::a00:1")]
    [InlineData("64:ff9b:1:a9fe:a9:fe00::")]
    [InlineData("2002:a9fe:a9fe::1")]
    [InlineData("2002:c0a8:101::")]
    [InlineData("::10.0.0.1")]
    [InlineData("::ffff:192.168.0.1")]
    [InlineData("::ffff:0:192.168.0.1")]
    [InlineData("2001:0:4136:e378:8000:63bf:f5ff:fffe")]
    [InlineData("2001:0:a00:1:8000:63bf:bb95:f77e")]
    [InlineData("2620:0:1::5efe:10.0.0.1")]
    [InlineData("168.63.129.16")]
    [InlineData("2002:a83f:8110::")]
    [InlineData("169.254.169.254")]
    [InlineData("100.100.100.200")]
    [InlineData("192.0.2.1")]
    [InlineData("2001:db8::1")]
    [InlineData("100::1")]
    [InlineData("fe80::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("255.255.255.255")]
    public void An_address_is_private_if_it_or_what_it_embeds_is(string address) =>
        Assert.Equal(AddressScope.Private, AddressScopes.Classify(IPAddress.Parse(address)));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("2002:7f00:1::")]
    public void An_address_is_this_machines_own_if_it_or_what_it_embeds_is(string address) =>
        Assert.Equal(AddressScope.Loopback, AddressScopes.Classify(IPAddress.Parse(address)));

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("172.32.0.1")]
    [InlineData("100.63.255.255")]
    [InlineData("168.63.129.17")]
    [InlineData("2620:fe::fe")]
    [InlineData("64:ff9b::8.8.8.8")]
    [InlineData("2002:808:808::1")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("2001:0:4136:e378:8000:63bf:f7f7:f7f7")]
    public void An_ordinary_internet_address_is_public(string address) =>
        Assert.Equal(AddressScope.Public, AddressScopes.Classify(IPAddress.Parse(address)));
}
