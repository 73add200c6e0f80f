namespace MultiModal.Pipeline.Batches;

/// <summary>Where completion may be posted to.</summary>
public static class WebhookAddress
{
    /// <summary>HTTPS anywhere by name or public address, HTTP on loopback only; never with credentials in it.</summary>
    public static bool IsAllowed(string? address) =>
        address is { Length: <= 2048 }
        && Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && uri.UserInfo.Length == 0
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback);
}
