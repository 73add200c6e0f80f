using System.Net;
using System.Net.NetworkInformation;
using Microsoft.Extensions.Options;

namespace MultiModal.Pipeline.Webhooks;

/// <summary>
/// Decides which addresses webhooks may reach. A webhook's URL is checked when its batch's options are read; the addresses of its name
/// are checked for each connection, because a name may resolve differently each time.
/// </summary>
public sealed class WebhookRules(IOptions<WebhookOptions> options, OwnPorts ownPorts)
{
    private readonly WebhookOptions options = options.Value;

    /// <param name="webhook">An absolute HTTP or HTTPS address.</param>
    /// <returns>A sentence that says why this host would never call it; null if it may be called.</returns>
    public string? FindRefusal(Uri webhook)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        var scope = webhook.IsLoopback ? AddressScope.Loopback
            : IPAddress.TryParse(webhook.IdnHost, out var address) ? AddressScopes.Classify(address)
            : AddressScope.Public;
        return scope switch
        {
            AddressScope.Loopback when ownPorts.Contains(webhook.Port) => "it is an address of this host itself, which no webhook may call.",
            AddressScope.Loopback when !options.AllowLoopback => "it is an address of this machine itself. Webhooks:AllowLoopback permits that.",
            AddressScope.Private
                when !options.AllowPrivateAddresses => "it is a private or reserved address. Webhooks:AllowPrivateAddresses permits that.",
            _ => null,
        };
    }

    /// <param name="address">The resolved address of the webhook's name.</param>
    /// <param name="port">The port.</param>
    /// <param name="namesLoopback">Whether the webhook names the loopback interface itself, rather than a name that resolves to it.</param>
    public bool MayConnect(IPAddress address, int port, bool namesLoopback)
    {
        if (ownPorts.Contains(port) && IsThisMachine(address)) return false;
        return AddressScopes.Classify(address) switch
        {
            AddressScope.Loopback => options.AllowLoopback && namesLoopback,
            AddressScope.Private => options.AllowPrivateAddresses,
            _ => true,
        };
    }

    private static bool IsThisMachine(IPAddress address)
    {
        if (AddressScopes.Classify(address) == AddressScope.Loopback) return true;
        var own =
            NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => WithoutScope(a.Address))
                .ToHashSet();
        return AddressScopes.Embedded(address).Append(WithoutScope(address)).Any(own.Contains);
    }

    /// <summary>Removes the interface number with which a link-local address is written and which is not part of the address.</summary>
    private static IPAddress WithoutScope(IPAddress address) => new(address.GetAddressBytes());
}
