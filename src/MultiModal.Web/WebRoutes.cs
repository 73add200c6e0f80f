using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MultiModal.Web.Batches;
using MultiModal.Web.Costs;
using MultiModal.Web.Dashboard;
using MultiModal.Web.Health;
using MultiModal.Web.OpenApi;
using MultiModal.Web.Reports;
using MultiModal.Web.Uploads;

namespace MultiModal.Web;

/// <summary>The routes of the HTTP API, for a host with ASP.NET Core's own routing. Functions declare the same routes by attribute.</summary>
public static class WebRoutes
{
    /// <returns>The routes under <c>/api</c>, which the host must protect; the routes outside it expose no data.</returns>
    public static RouteGroupBuilder MapMultiModalApi(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        routes.MapGet("/", (DashboardPages pages) => pages.Page());
        routes.MapGet("/dashboard/{file}", (DashboardPages pages, string file) => pages.File(file));
        routes.MapGet("/openapi.json", (OpenApiDocument document) => document.Read());
        routes.MapGet("/healthz", (HealthEndpoint health, HttpRequest request) => health.ReadAsync(request));

        var api = routes.MapGroup("/api");
        api.MapPost("/batches", (BatchEndpoints batches, HttpRequest request) => batches.CreateAsync(request));
        api.MapGet("/batches", (BatchEndpoints batches, HttpRequest request) => batches.ListAsync(request));
        api.MapGet("/batches/{batch}", (BatchEndpoints batches, HttpRequest request, string batch) => batches.ReadAsync(request, batch));
        api.MapDelete("/batches/{batch}", (BatchEndpoints batches, HttpRequest request, string batch) => batches.DeleteAsync(request, batch));
        api.MapPost("/batches/{batch}/start", (BatchEndpoints batches, HttpRequest request, string batch) => batches.StartAsync(request, batch));
        api.MapPost("/batches/{batch}/cancel", (BatchEndpoints batches, HttpRequest request, string batch) => batches.CancelAsync(request, batch));
        api.MapPost("/batches/{batch}/uploads", (UploadEndpoints uploads, HttpRequest request, string batch) => uploads.SignAsync(request, batch));
        api.MapPut(
            "/batches/{batch}/files/{*path}",
            (UploadEndpoints uploads, HttpRequest request, string batch, string? path) => uploads.PutAsync(request, batch, path));
        api.MapGet("/batches/{batch}/report", (ReportEndpoints reports, HttpRequest request, string batch) => reports.ReadAsync(request, batch));
        api.MapGet(
            "/batches/{batch}/runs/{run}/items/{item}",
            (ReportEndpoints reports, HttpRequest request, string batch, string run, string item) =>
                reports.ReadItemAsync(request, batch, run, item));
        api.MapGet(
            "/batches/{batch}/runs/{run}/illustration",
            (ReportEndpoints reports, HttpRequest request, string batch, string run) => reports.ReadIllustrationAsync(request, batch, run));
        api.MapPost("/batches/{batch}/estimate", (CostEndpoints costs, HttpRequest request, string batch) => costs.EstimateAsync(request, batch));
        api.MapGet("/costs", (CostEndpoints costs, HttpRequest request) => costs.ReadAsync(request));
        return api;
    }
}
