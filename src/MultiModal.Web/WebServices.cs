using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Settings;
using MultiModal.Web.Batches;
using MultiModal.Web.Costs;
using MultiModal.Web.Dashboard;
using MultiModal.Web.Edge;
using MultiModal.Web.Files;
using MultiModal.Web.Health;
using MultiModal.Web.Links;
using MultiModal.Web.OpenApi;
using MultiModal.Web.Previews;
using MultiModal.Web.Reports;
using MultiModal.Web.Serving;
using MultiModal.Web.Uploads;

namespace MultiModal.Web;

/// <summary>Registration of the services for the HTTP API.</summary>
public static class WebServices
{
    /// <summary>
    /// Adds the classes of the endpoints, whose methods are the handlers. The host provides the pipeline's own classes
    /// (<see cref="Pipeline.Storage.MediaAccount"/> and the stores), an <see cref="IBatchHost"/> and a <see cref="TimeProvider"/>.
    /// </summary>
    public static IServiceCollection AddMultiModalWeb(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddSettings<WebOptions>(configuration, WebOptions.Section);
        services.TryAddSingleton<BatchEraser>();
        return services
            .AddSingleton<ApiEdge>()
            .AddSingleton<BatchDirectory>()
            .AddSingleton<RunWatch>()
            .AddSingleton<UploadSigner>()
            .AddSingleton<BlobReader>()
            .AddSingleton<BatchFiles>()
            .AddSingleton<ItemViews>()
            .AddSingleton<LinkKey>()
            .AddSingleton<BatchEndpoints>()
            .AddSingleton<UploadEndpoints>()
            .AddSingleton<FileEndpoints>()
            .AddSingleton<PreviewEndpoints>()
            .AddSingleton<LinkEndpoints>()
            .AddSingleton<ReportEndpoints>()
            .AddSingleton<CostEndpoints>()
            .AddSingleton<HealthEndpoint>()
            .AddSingleton<OpenApiDocument>()
            .AddSingleton<UnknownAddress>()
            .AddSingleton<DashboardPages>();
    }
}
