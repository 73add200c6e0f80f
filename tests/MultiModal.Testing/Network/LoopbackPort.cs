using System.Net;
using System.Net.Sockets;

namespace MultiModal.Testing.Network;

/// <summary>Ports of this machine.</summary>
public static class LoopbackPort
{
    /// <summary>A port that nobody listens at: it was free a moment ago.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
