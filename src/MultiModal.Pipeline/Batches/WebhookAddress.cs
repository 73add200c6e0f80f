namespace MultiModal.Pipeline.Batches;

/// <summary>The addresses that completion may be posted to.</summary>
public static class WebhookAddress
{
    /// <summary>Whether the address is HTTPS with any name or public address, or HTTP on loopback; credentials in it are never allowed.</summary>
    public static bool IsAllowed(string? address) =>
        address is { Length: <= 2048 }
        && Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && uri.UserInfo.Length == 0
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback);
}
