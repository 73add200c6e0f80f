using Azure.Core.Serialization;
using Azure.Identity;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using MultiModal.Functions;
using MultiModal.Functions.Batches;
using MultiModal.Functions.Hosting;
using MultiModal.Functions.Upkeep;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Ai.Selection;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Registration;
using MultiModal.Pipeline.Settings;
using MultiModal.Pipeline.Webhooks;
using MultiModal.Web;
using MultiModal.Web.Edge;
using OpenTelemetry;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.UseMiddleware<OwnershipMiddleware>();
builder.Configuration.Sources.Add(MediaConnection.AsStorage(builder.Configuration));

// Data between functions has the same JSON format as all other data.
builder.Services.Configure<WorkerOptions>(worker => worker.Serializer = new JsonObjectSerializer(PipelineJson.Options));

builder.Services
    .AddMultiModalPipeline(builder.Configuration)
    .AddMultiModalWeb(builder.Configuration)
    .AddSingleton<DurableClients>()
    .AddSingleton<DurableBatchHost>()
    .AddSingleton<IBatchHost>(services => services.GetRequiredService<DurableBatchHost>())
    .AddSingleton<BatchSweep>()
    .AddSingleton<AccountOwnership>()
    .AddHostedService(services => services.GetRequiredService<AccountOwnership>())
    .AddHostedService<ModelWatcher>();
builder.Services.AddOptions<WebOptions>()
    .PostConfigure<IConfiguration>((web, configuration) => web.MaxUploadBytes = UploadLimit.Read(configuration, web));
builder.Services.AddOptions<WebhookOptions>()
    .Validate(
        webhooks => !webhooks.AllowLoopback,
        "Webhooks:AllowLoopback is for the local host only: on Azure Functions, no webhook calls the machine itself.");
builder.Services.AddOptions<KestrelServerOptions>()
    .Configure<IOptions<WebOptions>>((kestrel, web) => kestrel.Limits.MaxRequestBodySize = web.Value.MaxUploadBytes);

var telemetry = builder.Services.AddOpenTelemetry()
    .UseFunctionsWorkerDefaults()
    .WithTracing(traces => traces.AddSource(Telemetry.Name))
    .WithMetrics(metrics => metrics.AddMeter(Telemetry.Name));
if (!string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])) telemetry.UseOtlpExporter();
if (!string.IsNullOrEmpty(builder.Configuration["APPLICATIONINSIGHTS_CONNECTION_STRING"]))
{
    // The exporter does not read this variable itself; if local authentication is off, only an identity may write.
    var byIdentity = !string.IsNullOrEmpty(builder.Configuration["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"]);
    telemetry.UseAzureMonitorExporter(azure => azure.Credential = byIdentity ? new DefaultAzureCredential() : null);
}

var app = builder.Build();
if (app.Services.FindWrongSettings() is { Count: > 0 } wrong)
{
    foreach (var sentence in wrong) await Console.Error.WriteLineAsync(VisibleText.Of($"{FailureCodes.InvalidSetting}: {sentence}"));

    // The local host ends with the same status.
    return 6;
}

var ownership = app.Services.GetRequiredService<AccountOwnership>();
await app.RunAsync();
return ownership.Owned.IsFaulted ? 1 : 0;
