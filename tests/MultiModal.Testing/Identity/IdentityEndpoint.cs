using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MultiModal.Testing.Network;

namespace MultiModal.Testing.Identity;

/// <summary>
/// The identity endpoint that App Service gives to an app with a managed identity
/// (https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference), and the tokens it has given out. Clients ask
/// it often, because its tokens are valid for seconds, and it fails as planned.
/// </summary>
public sealed class IdentityEndpoint : IAsyncDisposable
{
    private const string Resource = "https://storage.azure.com";

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Storage accepts a token for this long after it expired, because clocks differ and requests take their time.</summary>
    private static readonly TimeSpan Leeway = TimeSpan.FromMinutes(1);

    private readonly string secret = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
    private readonly ConcurrentDictionary<string, DateTimeOffset> expiries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<TokenFaultKind, int> injected = new();
    private volatile Func<int, TokenFaultKind?> faults = _ => null;
    private WebApplication server = null!;
    private Uri address = null!;
    private int requests;

    private IdentityEndpoint()
    {
    }

    /// <summary>The fault of a request for a token by its number, from 1; none at first.</summary>
    public Func<int, TokenFaultKind?> Faults
    {
        get => faults;
        set => faults = value;
    }

    public int Requests => requests;

    /// <summary>How often each kind of fault was made.</summary>
    public IReadOnlyDictionary<TokenFaultKind, int> Injected => injected;

    /// <summary>The certificate of the services that accept the tokens: clients send tokens over TLS only.</summary>
    internal LoopbackCertificate Certificate { get; } = LoopbackCertificate.Create();

    /// <summary>Makes a process use this identity, and trust the services that accept it.</summary>
    public (string Name, string Value)[] Environment =>
    [
        ("IDENTITY_ENDPOINT", new Uri(address, "msi/token").ToString()),
        ("IDENTITY_HEADER", secret),
        ("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential"),
        ("SSL_CERT_FILE", Certificate.TrustFile),
    ];

    public static async Task<IdentityEndpoint> StartAsync()
    {
        var endpoint = new IdentityEndpoint();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        endpoint.server = builder.Build();
        endpoint.server.Run(endpoint.AnswerAsync);
        await endpoint.server.StartAsync();
        endpoint.address = new Uri(
            endpoint.server.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
        return endpoint;
    }

    /// <summary>Whether this is a token from here that is valid.</summary>
    internal bool Accepts(string token) => expiries.TryGetValue(token, out var expiry) && TimeProvider.System.GetUtcNow() < expiry + Leeway;

    public async ValueTask DisposeAsync()
    {
        await server.StopAsync(new CancellationToken(canceled: true));
        await server.DisposeAsync();
        Certificate.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Headers["X-IDENTITY-HEADER"] != secret || context.Request.Query["resource"].ToString().TrimEnd('/') != Resource)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        var fault = Faults(Interlocked.Increment(ref requests));
        if (fault is { } kind) injected.AddOrUpdate(kind, 1, (_, count) => count + 1);
        switch (fault)
        {
            case null:
                await context.Response.WriteAsJsonAsync(NewToken(), context.RequestAborted);
                return;
            case TokenFaultKind.Silence:
                await Task.Delay(Patience, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                context.Abort();
                return;
            default:
                context.Response.StatusCode = fault switch
                {
                    TokenFaultKind.TooManyRequests => StatusCodes.Status429TooManyRequests,
                    TokenFaultKind.InternalError => StatusCodes.Status500InternalServerError,
                    _ => StatusCodes.Status400BadRequest,
                };
                await context.Response.WriteAsJsonAsync(new { statusCode = context.Response.StatusCode, message = "No token now." });
                return;
        }
    }

    private Dictionary<string, string> NewToken()
    {
        var token = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        var expiry = TimeProvider.System.GetUtcNow() + Lifetime;
        expiries[token] = expiry;
        return new Dictionary<string, string>
        {
            ["access_token"] = token,
            ["expires_on"] = expiry.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            ["resource"] = Resource,
            ["token_type"] = "Bearer",
        };
    }
}
