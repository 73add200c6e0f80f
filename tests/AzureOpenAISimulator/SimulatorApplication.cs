using AzureOpenAISimulator.Admin;
using AzureOpenAISimulator.Service;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator;

/// <summary>The web application around a <see cref="Simulator"/>; the same in a test's process and in one of its own.</summary>
public static class SimulatorApplication
{
    public static WebApplication Build(Simulator simulator, Action<WebApplicationBuilder> configure, params string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // Limits are the simulated service's to set, in its own words.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.AddServerHeader = false;
        });
        configure(builder);
        var app = builder.Build();
        var calls = new CallHandler(simulator);
        var models = new ModelsEndpoint(simulator);

        foreach (var (path, kind) in new[] { ("chat/completions", CallKind.Chat), ("audio/transcriptions", CallKind.Transcription) })
        {
            app.MapPost($"/openai/deployments/{{deployment}}/{path}", (HttpContext context, string deployment) =>
                calls.HandleAsync(context, Dialect.AzureDeployment, kind, deployment));
        }
        foreach (var (prefix, dialect) in new[] { ("/openai/v1", Dialect.AzureV1), ("/v1", Dialect.OpenAI) })
        {
            app.MapPost($"{prefix}/chat/completions", (HttpContext context) => calls.HandleAsync(context, dialect, CallKind.Chat, null));
            app.MapPost($"{prefix}/audio/transcriptions", (HttpContext context) => calls.HandleAsync(context, dialect, CallKind.Transcription, null));
            app.MapPost($"{prefix}/images/generations", (HttpContext context) => calls.HandleAsync(context, dialect, CallKind.ImageGeneration, null));
            app.MapGet($"{prefix}/models", (HttpContext context) => models.ListAsync(context, dialect));
            app.MapGet($"{prefix}/models/{{id}}", (HttpContext context, string id) => models.GetAsync(context, dialect, id));
        }
        AdminEndpoints.Map(app, simulator);
        app.MapFallback(context =>
        {
            var refusal = Refusals.ResourceNotFound().Answer;
            context.Response.StatusCode = refusal.Status;
            context.Response.ContentType = refusal.ContentType;
            return context.Response.Body.WriteAsync(refusal.Body, context.RequestAborted).AsTask();
        });
        return app;
    }
}
