using System.Net;
using System.Net.Sockets;

namespace MultiModal.Pipeline.Webhooks;

/// <summary>Reach of an address. The values are ordered: the later the value, the less a stranger may make this host call the address.</summary>
public enum AddressScope
{
    /// <summary>A public address on the internet.</summary>
    Public,

    /// <summary>A private network, a link, a cloud's own services, or a range that is reserved or for documentation.</summary>
    Private,

    /// <summary>This machine itself.</summary>
    Loopback,
}

/// <summary>
/// Determines the scope of an address from the special-purpose registries of IANA. An IPv6 address that embeds an IPv4 address has at
/// most the reach of the embedded one, because a translator or a tunnel would deliver to that one.
/// </summary>
public static class AddressScopes
{
    private static readonly IPNetwork[] LoopbackNetworks = [.. Networks("0.0.0.0/8 127.0.0.0/8 ::/128 ::1/128")];

    // These networks are from RFC 6890 and its updates. 64:ff9b:1::/48 is a network's own NAT64 (RFC 8215), whatever it embeds. On every
    // virtual machine of Azure, 168.63.129.16 is the address of Azure's own services.
    private static readonly IPNetwork[] PrivateNetworks =
    [
        .. Networks("10.0.0.0/8 100.64.0.0/10 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16"),
        .. Networks("198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"),
        .. Networks(
            "64:ff9b:1::/48 100::/64 2001:2::/48 2001:10::/28 2001:20::/28 2001:db8::/32 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8"),
    ];

    // IPv4-compatible (RFC 4291), IPv4-translated (RFC 2765) and NAT64 (RFC 6052) addresses hold the IPv4 address in the last four bytes.
    private static readonly IPNetwork[] WithIPv4AtTheEnd = [.. Networks("::/96 ::ffff:0:0:0/96 64:ff9b::/96")];

    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Teredo = IPNetwork.Parse("2001::/32");

    public static AddressScope Classify(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (IsIn(LoopbackNetworks, address)) return AddressScope.Loopback;
        var own = IsIn(PrivateNetworks, address) ? AddressScope.Private : AddressScope.Public;
        return Embedded(address).Select(Classify).Append(own).Max();
    }

    /// <summary>Returns the IPv4 addresses that an IPv6 address may be delivered to.</summary>
    public static IEnumerable<IPAddress> Embedded(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.AddressFamily != AddressFamily.InterNetworkV6) yield break;
        var b = address.GetAddressBytes();
        if (address.IsIPv4MappedToIPv6 || IsIn(WithIPv4AtTheEnd, address) || b[8..12] is [0 or 2, 0, 0x5E, 0xFE]) yield return new IPAddress(b[12..]);
        if (SixToFour.Contains(address)) yield return new IPAddress(b[2..6]);
        if (!Teredo.Contains(address)) yield break;

        // RFC 4380 embeds the server, and the client with all its bits inverted.
        yield return new IPAddress(b[4..8]);
        yield return new IPAddress([(byte)~b[12], (byte)~b[13], (byte)~b[14], (byte)~b[15]]);
    }

    private static bool IsIn(IPNetwork[] networks, IPAddress address) => networks.Any(network => network.Contains(address));

    private static IEnumerable<IPNetwork> Networks(string list) => list.Split(' ').Select(IPNetwork.Parse);
}
