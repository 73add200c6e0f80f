using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MultiModal.Pipeline.Tests.Ai;

/// <summary>A server on the loopback interface that gives the same answer to every request.</summary>
internal sealed class OneAnswer : IAsyncDisposable
{
    private readonly WebApplication server;

    private OneAnswer(WebApplication server) => this.server = server;

    public Uri Address => new($"{server.Urls.Single()}/v1");

    /// <param name="json">The body of each answer, whose status is 200.</param>
    public static async Task<OneAnswer> StartAsync(string json)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.MapFallback(() => Results.Text(json, "application/json"));
        await server.StartAsync();
        return new OneAnswer(server);
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();
}
