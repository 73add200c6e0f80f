using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace MultiModal.Pipeline.Tests.Dependencies;

/// <summary>
/// A package feed on loopback that has no package and knows of vulnerabilities (NuGet Server API, resource VulnerabilityInfo/6.7.0).
/// A restore takes the packages from the machine's own folder, where building the tests has put them.
/// </summary>
internal sealed class AdvisoryFeed : IAsyncDisposable
{
    private readonly WebApplication server;

    private AdvisoryFeed(WebApplication server) => this.server = server;

    /// <summary>The address that goes into NuGet.config.</summary>
    public string Index => $"{server.Urls.Single()}/index.json";

    /// <param name="package">That the advisories are against, in all its versions.</param>
    /// <param name="advisories">Their addresses.</param>
    public static async Task<AdvisoryFeed> StartAsync(string package, IEnumerable<string> advisories)
    {
        const int high = 2;
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.MapGet("/index.json", (HttpRequest request) => Results.Json(new
        {
            version = "3.0.0",
            resources = new[]
            {
                Resource(request, "packages/", "PackageBaseAddress/3.0.0"),
                Resource(request, "vulnerabilities.json", "VulnerabilityInfo/6.7.0"),
            },
        }));
        server.MapGet("/vulnerabilities.json", (HttpRequest request) => Results.Json(new[]
        {
            new Dictionary<string, string> { ["@name"] = "base", ["@id"] = Address(request, "base.json"), ["@updated"] = "2026-10-10T00:00:00Z" },
        }));
        var known = advisories.Select(url => new { url, severity = high, versions = "(, )" }).ToList();
        server.MapGet("/base.json", () => Results.Json(new Dictionary<string, object> { [package] = known }));
        await server.StartAsync();
        return new AdvisoryFeed(server);
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static Dictionary<string, string> Resource(HttpRequest request, string path, string type) =>
        new() { ["@id"] = Address(request, path), ["@type"] = type };

    private static string Address(HttpRequest request, string path) => $"{request.Scheme}://{request.Host}/{path}";
}
