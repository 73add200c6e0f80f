using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using MultiModal.Web.Dashboard;
using MultiModal.Web.Health;
using MultiModal.Web.OpenApi;

namespace MultiModal.Functions.Http;

/// <summary>Functions without user data, which need no key: health and the dashboard's page, which asks the user for the key.</summary>
public sealed class PageFunctions(DashboardPages pages, OpenApiDocument document, UnknownAddress unknown, HealthEndpoint health)
{
    // An empty route would mean the function's name; a parameter that can only be empty makes it the root.
    private const string Root = "{nothing:maxlength(0)?}";

    [Function(nameof(Dashboard))]
    public IResult Dashboard([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Root)] HttpRequest request) => pages.Page();

    [Function(nameof(DashboardFile))]
    public IResult DashboardFile([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "dashboard/{file}")] HttpRequest request, string file) =>
        pages.File(file);

    [Function(nameof(OpenApi))]
    public IResult OpenApi([HttpTrigger(AuthorizationLevel.Function, "get", Route = "openapi.json")] HttpRequest request) => document.Read();

    /// <summary>
    /// Takes what no other function takes. The host tries the routes in the order of the functions' names and takes the first that fits
    /// (azure-functions-host, FunctionMetadataManager), so that this name must be the last.
    /// </summary>
    [Function(nameof(UnknownRoute))]
    public IResult UnknownRoute([HttpTrigger(AuthorizationLevel.Anonymous, Route = "{*address}")] HttpRequest request) => unknown.Answer(request);

    [Function(nameof(Health))]
    public Task<IResult> Health([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "healthz")] HttpRequest request) =>
        health.ReadAsync(request);
}
