using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MultiModal.Testing.Storage.Memory;

/// <summary>
/// The part of Azure's blob and table services that the pipeline uses, in the memory of this process, over HTTP on the loopback
/// interface. It starts within a moment and needs no other program: mutation testing runs the tests of storage on it. The same tests run
/// on a real Azurite otherwise, which is what holds it to Azure's behaviour. It checks no signatures.
/// </summary>
public sealed class MemoryStorage : IAsyncDisposable
{
    private readonly List<WebApplication> servers = [];

    private MemoryStorage()
    {
    }

    public Uri BlobEndpoint { get; private set; } = null!;

    public Uri TableEndpoint { get; private set; } = null!;

    public static async Task<MemoryStorage> StartAsync()
    {
        var storage = new MemoryStorage();
        storage.BlobEndpoint = await storage.ServeAsync(new MemoryBlobs().Answer);
        storage.TableEndpoint = await storage.ServeAsync(new MemoryTables().Answer);
        return storage;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in servers)
        {
            await server.StopAsync(new CancellationToken(canceled: true));
            await server.DisposeAsync();
        }
    }

    private async Task<Uri> ServeAsync(Func<StorageRequest, StorageAnswer> answer)
    {
        // Both services answer from memory at once: one lock for each makes every request atomic.
        var gate = new object();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null).UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.Run(async context =>
        {
            var request = await ReadAsync(context);
            StorageAnswer made;
            lock (gate) made = answer(request);
            await WriteAsync(context, made);
        });
        await server.StartAsync();
        servers.Add(server);
        return new Uri(server.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
    }

    private static async Task<StorageRequest> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = Uri.UnescapeDataString(target.Split('?')[0]);
        return new StorageRequest(
            context.Request.Method,
            path,
            context.Request.Query.ToDictionary(q => q.Key, q => q.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body.ToArray());
    }

    private static async Task WriteAsync(HttpContext context, StorageAnswer answer)
    {
        context.Response.StatusCode = answer.Status;
        var isHead = context.Request.Method == "HEAD";
        foreach (var (name, value) in answer.Headers) context.Response.Headers[name] = value;
        if (isHead && answer.Status >= 400) context.Response.Headers.Remove("Content-Type");
        context.Response.Headers["x-ms-request-id"] = context.TraceIdentifier;
        if (isHead)
        {
            context.Response.ContentLength = answer.Length ?? 0;
            return;
        }

        context.Response.ContentLength = answer.Body.Length;
        if (answer.Body.Length > 0) await context.Response.Body.WriteAsync(answer.Body);
    }
}

/// <summary>A request as a service reads it.</summary>
/// <param name="Method">In capitals.</param>
/// <param name="Path">Unescaped, from the account's name on.</param>
/// <param name="Query">By name, in any case.</param>
/// <param name="Headers">By name, in any case.</param>
/// <param name="Body">Whole.</param>
internal sealed record StorageRequest(
    string Method, string Path, IReadOnlyDictionary<string, string> Query, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string? Header(string name) => Headers.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    public string? Parameter(string name) => Query.TryGetValue(name, out var value) && value.Length > 0 ? value : null;
}

/// <summary>What a service answers.</summary>
/// <param name="Status">HTTP status.</param>
internal sealed record StorageAnswer(int Status)
{
    public Dictionary<string, string> Headers { get; init; } = [];

    public byte[] Body { get; init; } = [];

    /// <summary>What <c>Content-Length</c> says in answer to HEAD; 0 if null.</summary>
    public long? Length { get; init; }

    /// <summary>An error as both services tell it, as far as their clients read it.</summary>
    public static StorageAnswer Error(int status, string code) => new(status)
    {
        Headers = { ["x-ms-error-code"] = code, ["Content-Type"] = "application/xml" },
        Body = System.Text.Encoding.UTF8.GetBytes(
            $"<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{code}</Message></Error>"),
    };
}
