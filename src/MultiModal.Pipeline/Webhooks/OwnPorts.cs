namespace MultiModal.Pipeline.Webhooks;

/// <summary>
/// The ports of this machine that no webhook reaches, by whatever address it names the machine: a host that called itself would do what the
/// writer of a <c>batch.json</c> may not.
/// </summary>
/// <param name="isOwn">Whether a port is one of them. It is asked for each connection, because a server learns its ports when it starts.</param>
public sealed class OwnPorts(Func<int, bool> isOwn)
{
    /// <summary>All of them: for a host that has no reason to call its own machine.</summary>
    public static OwnPorts All { get; } = new(_ => true);

    public bool Contains(int port) => isOwn(port);
}
