using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using MultiModal.LocalHost.Hosting;

namespace MultiModal.LocalHost.Serving;

/// <summary>
/// Decides who may call. On loopback, another site's page must not reach this host through the user's browser: the <c>Host</c> must be a
/// loopback name (a rebound DNS name is not), and an <c>Origin</c> must be ours. With an API key, <c>/api</c> requires it.
/// </summary>
internal sealed class AccessGate(RequestDelegate next, IOptions<LocalHostOptions> options)
{
    private const string KeyHeader = "X-API-Key";
    private const string Bearer = "Bearer ";

    private readonly byte[]? key = options.Value.ApiKey is { Length: > 0 } given ? Digest(given) : null;
    private readonly bool loopbackOnly = options.Value.ListensOnLoopbackOnly;

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (loopbackOnly && !IsLoopback(request.Host))
        {
            return RefuseAsync(context, StatusCodes.Status403Forbidden, "host-not-allowed", "This server answers only requests to a loopback name.");
        }

        if (request.Headers.Origin is [{ } origin, ..] && !IsOurs(origin, request.Host))
        {
            return RefuseAsync(context, StatusCodes.Status403Forbidden, "origin-not-allowed", "Pages of other origins may not call this server.");
        }

        if (key is not null && request.Path.StartsWithSegments("/api") && !CryptographicOperations.FixedTimeEquals(Digest(KeyOf(request)), key))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return RefuseAsync(
                context, StatusCodes.Status401Unauthorized, "unauthorized", $"Send the API key as {KeyHeader} or Authorization: Bearer.");
        }

        return next(context);
    }

    private static bool IsLoopback(HostString host) => Uri.TryCreate($"http://{host.Value}", UriKind.Absolute, out var uri) && uri.IsLoopback;

    private static bool IsOurs(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && string.Equals(uri.Authority, host.Value, StringComparison.OrdinalIgnoreCase);

    private static string KeyOf(HttpRequest request)
    {
        if (request.Headers[KeyHeader] is [{ } given]) return given;
        return request.Headers[HeaderNames.Authorization] is [{ } authorization]
            && authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? authorization[Bearer.Length..].Trim()
            : "";
    }

    // All digests have the same length, so that comparing them takes the same time for any key.
    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static Task RefuseAsync(HttpContext context, int status, string code, string detail) =>
        TypedResults.Problem(detail, statusCode: status, extensions: new Dictionary<string, object?> { ["code"] = code }).ExecuteAsync(context);
}
