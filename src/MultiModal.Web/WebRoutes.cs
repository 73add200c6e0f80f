using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MultiModal.Web.Batches;
using MultiModal.Web.Costs;
using MultiModal.Web.Dashboard;
using MultiModal.Web.Files;
using MultiModal.Web.Health;
using MultiModal.Web.Links;
using MultiModal.Web.OpenApi;
using MultiModal.Web.Previews;
using MultiModal.Web.Reports;
using MultiModal.Web.Uploads;

namespace MultiModal.Web;

/// <summary>The routes of the HTTP API, for a host with ASP.NET Core's own routing. Functions declare the same routes by attribute.</summary>
public static class WebRoutes
{
    /// <summary>Methods of a resource that is read. HEAD is answered as GET without the content.</summary>
    private static readonly string[] Read = ["GET", "HEAD"];

    /// <returns>The routes under <c>/api</c>, which the host must protect; those outside it expose no data without a link that one of these has issued.</returns>
    public static RouteGroupBuilder MapMultiModalApi(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        routes.MapGet("/", (DashboardPages pages) => pages.Page());
        routes.MapGet("/dashboard/{file}", (DashboardPages pages, string file) => pages.File(file));
        routes.MapGet("/openapi.json", (OpenApiDocument document) => document.Read());
        routes.MapGet("/healthz", (HealthEndpoint health, HttpRequest request) => health.ReadAsync(request));
        routes.MapMethods(
            "/media/{ticket}", Read, (LinkEndpoints links, HttpRequest request, string ticket) => links.ReadAsync(request, ticket));
        routes.MapFallback("/{**address}", (UnknownAddress unknown, HttpRequest request) => unknown.Answer(request));

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
        api.MapGet("/batches/{batch}/files", (FileEndpoints files, HttpRequest request, string batch) => files.ListAsync(request, batch));
        api.MapMethods(
            "/batches/{batch}/files/{*path}", Read,
            (FileEndpoints files, HttpRequest request, string batch, string? path) => files.ReadAsync(request, batch, path));
        api.MapDelete(
            "/batches/{batch}/files/{*path}",
            (FileEndpoints files, HttpRequest request, string batch, string? path) => files.DeleteAsync(request, batch, path));
        api.MapGet("/batches/{batch}/report", (ReportEndpoints reports, HttpRequest request, string batch) => reports.ReadAsync(request, batch));
        api.MapGet(
            "/batches/{batch}/runs/{run}/items/{item}",
            (ReportEndpoints reports, HttpRequest request, string batch, string run, string item) =>
                reports.ReadItemAsync(request, batch, run, item));
        api.MapGet(
            "/batches/{batch}/runs/{run}/illustration",
            (ReportEndpoints reports, HttpRequest request, string batch, string run) => reports.ReadIllustrationAsync(request, batch, run));
        api.MapMethods(
            "/batches/{batch}/runs/{run}/items/{item}/sent", Read,
            (PreviewEndpoints previews, HttpRequest request, string batch, string run, string item) =>
                previews.ReadSentAsync(request, batch, run, item));
        api.MapMethods(
            "/batches/{batch}/runs/{run}/items/{item}/thumbnail", Read,
            (PreviewEndpoints previews, HttpRequest request, string batch, string run, string item) =>
                previews.ReadThumbnailAsync(request, batch, run, item));
        api.MapGet(
            "/batches/{batch}/runs/{run}/items/{item}/waveform",
            (PreviewEndpoints previews, HttpRequest request, string batch, string run, string item) =>
                previews.ReadWaveformAsync(request, batch, run, item));
        api.MapPost("/batches/{batch}/links", (LinkEndpoints links, HttpRequest request, string batch) => links.IssueAsync(request, batch));
        api.MapPost("/batches/{batch}/estimate", (CostEndpoints costs, HttpRequest request, string batch) => costs.EstimateAsync(request, batch));
        api.MapGet("/costs", (CostEndpoints costs, HttpRequest request) => costs.ReadAsync(request));
        return api;
    }
}
