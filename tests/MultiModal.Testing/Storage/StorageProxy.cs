using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MultiModal.Testing.Identity;

namespace MultiModal.Testing.Storage;

/// <summary>
/// Stands between a process and Azurite, blobs and tables alike, and lets requests go wrong as planned. Paths and headers pass
/// unchanged, so that signatures hold. For an identity it speaks TLS, asks for a valid token, and signs for Azurite itself.
/// </summary>
public sealed class StorageProxy : IAsyncDisposable
{
    private static readonly TimeSpan Lateness = TimeSpan.FromMilliseconds(500);

    // Of one connection each, and no business of the other.
    private static readonly string[] HopHeaders = ["Connection", "Keep-Alive", "Transfer-Encoding", "Host", "Expect"];

    private readonly HttpMessageInvoker upstream = new(
        new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.None });
    private readonly List<WebApplication> servers = [];
    private readonly Dictionary<string, Uri> endpoints = [];
    private readonly IdentityEndpoint? identity;
    private readonly string signature;
    private readonly ConcurrentDictionary<string, int> arrivals = new();
    private readonly ConcurrentDictionary<StorageFaultKind, int> injected = new();
    private readonly ConcurrentBag<Checkpoint> checkpoints = [];
    private volatile StorageFaultPlan plan = StorageFaultPlan.None;
    private int requests;
    private long events;

    private StorageProxy(IdentityEndpoint? identity, string signature) => (this.identity, this.signature) = (identity, signature);

    /// <summary>Of the same account, by way of this proxy.</summary>
    public string ConnectionString { get; private set; } = "";

    public Uri Blobs => endpoints["Blob"];

    public Uri Tables => endpoints["Table"];

    /// <summary>May be replaced at any time; arrivals are counted on.</summary>
    public StorageFaultPlan Plan
    {
        get => plan;
        set => plan = value;
    }

    public int Requests => requests;

    /// <summary>Receives every request that storage has answered, with its body. It may be called by several threads at a time.</summary>
    public Action<Exchange>? Record { get; set; }

    /// <summary>How often each kind of fault was made.</summary>
    public IReadOnlyDictionary<StorageFaultKind, int> Injected => injected;

    /// <param name="connectionString">Connection string of the account.</param>
    /// <param name="identity">The only identity that is let in; where null, requests are signed with the account's key.</param>
    public static async Task<StorageProxy> StartAsync(string connectionString, IdentityEndpoint? identity = null)
    {
        var parts = connectionString.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2)).ToList();
        string Part(string name) => parts.Single(p => p[0] == name)[1];
        var proxy = new StorageProxy(identity, AccountSignature.Create(Part("AccountName"), Part("AccountKey")));
        foreach (var service in new[] { "Blob", "Table" })
        {
            var part = parts.Single(p => p[0] == $"{service}Endpoint");
            var original = new Uri(part[1]);
            var endpoint = new Uri(await proxy.ServeAsync(service, new Uri(original.GetLeftPart(UriPartial.Authority))), original.AbsolutePath);
            proxy.endpoints[service] = endpoint;
            part[1] = endpoint.ToString();
        }

        proxy.ConnectionString = string.Concat(parts.Select(p => $"{p[0]}={p[1]};"));
        return proxy;
    }

    /// <param name="match">The request to hold.</param>
    /// <param name="afterwards">Whether storage has carried it out by then; its answer waits.</param>
    public Checkpoint Hold(Func<ProxiedRequest, bool> match, bool afterwards)
    {
        var checkpoint = new Checkpoint(match, afterwards);
        checkpoints.Add(checkpoint);
        return checkpoint;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var checkpoint in checkpoints) checkpoint.Release();
        foreach (var server in servers)
        {
            await server.StopAsync(new CancellationToken(canceled: true));
            await server.DisposeAsync();
        }

        upstream.Dispose();
    }

    private async Task<Uri> ServeAsync(string service, Uri target)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                if (identity is not null) listen.UseHttps(identity.Certificate.Certificate);
            });
        });
        var server = builder.Build();
        server.Run(context => PassAsync(context, service, target));
        await server.StartAsync();
        servers.Add(server);
        return new Uri(server.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
    }

    private async Task PassAsync(HttpContext context, string service, Uri target)
    {
        Interlocked.Increment(ref requests);
        var raw = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var headers = context.Request.Headers;
        var request = new ProxiedRequest(
            context.Request.Method,
            raw,
            headers.IfMatch.Count > 0 || headers.IfNoneMatch.Count > 0,
            arrivals.AddOrUpdate($"{context.Request.Method} {raw}", 1, (_, count) => count + 1));
        try
        {
            if (identity is not null && !HasToken(context.Request, identity))
            {
                Refuse(context, StatusCodes.Status401Unauthorized, "InvalidAuthenticationInfo");
                return;
            }

            await CheckpointsAsync(request, carriedOut: false, context.RequestAborted);
            var fault = Plan.Draw(request);
            if (fault is { } kind) injected.AddOrUpdate(kind, 1, (_, count) => count + 1);
            switch (fault)
            {
                case StorageFaultKind.Dropped:
                    context.Abort();
                    return;
                case StorageFaultKind.InternalError or StorageFaultKind.Busy or StorageFaultKind.PreconditionFailed:
                    Refuse(context, fault.Value);
                    return;
                case StorageFaultKind.Late:
                    await Task.Delay(Lateness, context.RequestAborted);
                    break;
                default:
                    break;
            }

            // What has arrived is carried out, whether its sender lives to hear of it or not.
            var arrived = Interlocked.Increment(ref events);
            using var answer = await ForwardAsync(context, request, service, target, arrived);
            await CheckpointsAsync(request, carriedOut: true, context.RequestAborted);
            if (fault is StorageFaultKind.AnswerLost
                || (fault is StorageFaultKind.AnswerCut && answer.Content.Headers.ContentLength is null or < 2)) context.Abort();
            else await AnswerAsync(context, answer, cut: fault is StorageFaultKind.AnswerCut);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException or BadHttpRequestException)
        {
            context.Abort();
        }
    }

    private async Task CheckpointsAsync(ProxiedRequest request, bool carriedOut, CancellationToken cancellationToken)
    {
        foreach (var checkpoint in checkpoints) await checkpoint.PassAsync(request, carriedOut).WaitAsync(cancellationToken);
    }

    private async Task<HttpResponseMessage> ForwardAsync(HttpContext context, ProxiedRequest request, string service, Uri target, long arrived)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        using var message = new HttpRequestMessage(
            new HttpMethod(request.Method),
            new Uri(
                target.GetLeftPart(UriPartial.Authority) + Signed(request.Target),
                new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (context.Request.ContentLength is not null || body.Length > 0) message.Content = new ByteArrayContent(body.ToArray());
        foreach (var (name, values) in context.Request.Headers)
        {
            if (HopHeaders.Contains(name, StringComparer.OrdinalIgnoreCase) || (identity is not null && name == "Authorization")) continue;
            if (!message.Headers.TryAddWithoutValidation(
                name, (IEnumerable<string?>)values)) message.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        var answer = await upstream.SendAsync(message, CancellationToken.None);
        Record?.Invoke(new Exchange(
            service,
            request,
            [.. context.Request.Headers.Select(h => KeyValuePair.Create(h.Key, h.Value.ToString()))],
            body.ToArray(),
            arrived,
            Interlocked.Increment(ref events),
            answer.Headers.ETag?.ToString()));
        return answer;
    }

    private static async Task AnswerAsync(HttpContext context, HttpResponseMessage answer, bool cut)
    {
        var response = context.Response;
        response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (!HopHeaders.Contains(name, StringComparer.OrdinalIgnoreCase)) response.Headers[name] = values.ToArray();
        }

        if (context.Request.Method == "HEAD") return;
        if (cut)
        {
            var bytes = await answer.Content.ReadAsByteArrayAsync(context.RequestAborted);
            await response.Body.WriteAsync(bytes.AsMemory(0, bytes.Length / 2), context.RequestAborted);
            await response.Body.FlushAsync(context.RequestAborted);
            context.Abort();
            return;
        }

        await answer.Content.CopyToAsync(response.Body, context.RequestAborted);
    }

    private static bool HasToken(HttpRequest request, IdentityEndpoint identity) =>
        request.Headers.Authorization.ToString() is var header && header.StartsWith("Bearer ", StringComparison.Ordinal)
        && identity.Accepts(header["Bearer ".Length..]);

    /// <summary>A token means nothing to Azurite, so that a request with one goes on with the account's signature.</summary>
    private string Signed(string target) =>
        identity is null ? target : target + (target.Contains('?', StringComparison.Ordinal) ? '&' : '?') + signature;

    private static void Refuse(HttpContext context, StorageFaultKind kind)
    {
        var (status, code) = kind switch
        {
            StorageFaultKind.Busy => (StatusCodes.Status503ServiceUnavailable, "ServerBusy"),
            StorageFaultKind.PreconditionFailed => (StatusCodes.Status412PreconditionFailed, "ConditionNotMet"),
            _ => (StatusCodes.Status500InternalServerError, "InternalError"),
        };
        Refuse(context, status, code);
    }

    private static void Refuse(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        context.Response.Headers["x-ms-error-code"] = code;
        context.Response.ContentLength = 0;
    }
}
