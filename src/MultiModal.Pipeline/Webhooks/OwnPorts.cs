namespace MultiModal.Pipeline.Webhooks;

/// <summary>
/// The ports of this machine that no webhook may reach, whatever address names the machine: if a host called itself, it would do what the
/// writer of a <c>batch.json</c> may not.
/// </summary>
/// <param name="isOwn">Tells whether a port is one of them. It is called for each connection, because a server learns its ports when it
/// starts.</param>
public sealed class OwnPorts(Func<int, bool> isOwn)
{
    /// <summary>All ports, for a host that has no reason to call its own machine.</summary>
    public static OwnPorts All { get; } = new(_ => true);

    public bool Contains(int port) => isOwn(port);
}
