using AzureOpenAISimulator.Content;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Models;
using AzureOpenAISimulator.Service;
using AzureOpenAISimulator.Settings;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Admin;

/// <summary>
/// What a test in another process asks and tells, under <c>/_simulator</c>, without a key (the simulator listens on loopback):
/// GET health, requests, bill, bill/paid-twice, gauge, script, deployments, settings; PUT script, content, deployments, settings; POST reset.
/// </summary>
public static class AdminEndpoints
{
    public static void Map(WebApplication app, Simulator simulator)
    {
        var admin = app.MapGroup("/_simulator");
        admin.MapGet("/health", () => Json(new Health("healthy")));
        admin.MapGet("/requests", () => Json(simulator.Log.Calls));
        admin.MapGet("/bill", () => Json(simulator.Bill.Lines));
        admin.MapGet("/bill/paid-twice", () => Json(simulator.Bill.PaidTwice()));
        admin.MapGet("/gauge", () => Json(new GaugeReading(
            simulator.Gauge.Current, simulator.Gauge.Peak,
            simulator.Gauge.PeakOf(CallKind.Chat), simulator.Gauge.PeakOf(CallKind.Transcription), simulator.Gauge.PeakOf(CallKind.ImageGeneration),
            simulator.Gauge.CountOf(CallKind.Chat), simulator.Gauge.CountOf(CallKind.Transcription),
            simulator.Gauge.CountOf(CallKind.ImageGeneration))));
        admin.MapGet("/script", () => Json(simulator.Faults.Script));
        admin.MapPut("/script", (HttpRequest request) => ReadAsync<Script>(request, script => simulator.Faults.Script = script));
        admin.MapPut("/content", (HttpRequest request) => ReadAsync<KnownContent>(request, simulator.Know));
        admin.MapGet("/deployments", () => Json(simulator.Deployments.Select(DeploymentSetting.Of)));
        admin.MapPut("/deployments", (HttpRequest request) =>
            ReadAsync<DeploymentSetting>(request, setting => simulator.Deploy(setting.ToDeployment())));
        admin.MapGet("/settings", () => Json(simulator.Settings));
        admin.MapPut("/settings", (HttpRequest request) => ReadAsync<SimulatorSettings>(request, settings => simulator.Settings = settings));
        admin.MapPost("/reset", () =>
        {
            simulator.Reset();
            return Results.NoContent();
        });
    }

    private static IResult Json<T>(T value) => Results.Json(value, WireJson.Options);

    private static async Task<IResult> ReadAsync<T>(HttpRequest request, Action<T> apply) where T : class
    {
        try
        {
            var value = await request.ReadFromJsonAsync<T>(WireJson.Options, request.HttpContext.RequestAborted);
            if (value is null) return Results.BadRequest("null");
            apply(value);
            return Results.NoContent();
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or ArgumentException)
        {
            return Results.BadRequest(exception.Message);
        }
    }

    private sealed record Health(string Status);

    private sealed record GaugeReading(
        int Current, int Peak, int ChatPeak, int TranscriptionPeak, int ImageGenerationPeak, int ChatCount, int TranscriptionCount,
        int ImageGenerationCount);

    private sealed record DeploymentSetting(string Name, string Family, bool JsonSchema = true, bool JsonMode = true, bool OnV1 = true)
    {
        public static DeploymentSetting Of(Deployment deployment) =>
            new(deployment.Name, deployment.Family.Name, deployment.JsonSchema, deployment.JsonMode, deployment.OnV1);

        public Deployment ToDeployment() => new(Name, ModelFamilies.Find(Family), JsonSchema, JsonMode, OnV1);
    }
}
