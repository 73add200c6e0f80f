using MultiModal.LocalHost.Hosting;
using MultiModal.LocalHost.Registration;
using MultiModal.LocalHost.Running;
using MultiModal.LocalHost.Watching;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Ai.Selection;
using MultiModal.Pipeline.Storage;
using MultiModal.Web;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace MultiModal.LocalHost.Serving;

/// <summary>The host as a server: it owns the account, watches the inbox, runs batches and answers HTTP until it is stopped.</summary>
internal static partial class Server
{
    /// <summary>Maximum size of a request. Requests other than uploads are small JSON documents; the upload route sets its own limit.</summary>
    private const long MaxRequestBytes = 1 << 20;

    /// <summary>Time that the host waits for an owner of its kind that may have died: the length of a lease and a margin.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(OwnerLease.LeaseSeconds + 15);

    /// <summary>Time that open connections may delay the stop of the server.</summary>
    private static readonly TimeSpan ConnectionGrace = TimeSpan.FromSeconds(5);

    public static WebApplication Build(IEnumerable<string> settings, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddSettings(settings);
        builder.Services.AddLocalHost(builder.Configuration).AddMultiModalWeb(builder.Configuration);
        builder.Services.AddHostedService(provider => provider.GetRequiredService<WebhookQueue>());
        builder.Services.AddHostedService<InboxWatcher>();
        builder.Services.AddHostedService<ModelWatcher>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = ConnectionGrace);
        builder.Services.AddProblemDetails();

        // A line's scope identifies its step; trace ids are meant for a collector, which gets them anyway.
        builder.Logging.Configure(options => options.ActivityTrackingOptions = ActivityTrackingOptions.None);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBytes;
        });
        builder.WebHost.UseSetting(
            WebHostDefaults.ServerUrlsKey,
            builder.Configuration[$"{LocalHostOptions.Section}:{nameof(LocalHostOptions.Url)}"] ?? new LocalHostOptions().Url);
        if (!string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])) AddTelemetry(builder.Services);
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseMiddleware<AccessGate>();
        app.MapMultiModalApi();
        return app;
    }

    /// <returns>The exit code.</returns>
    /// <exception cref="RefusedException">The server can't start.</exception>
    public static async Task<int> RunAsync(WebApplication app, CancellationToken cancellationToken)
    {
        var account = await app.Services.OpenAccountAsync(cancellationToken);
        var time = app.Services.GetRequiredService<TimeProvider>();
        var host = app.Services.GetRequiredService<LocalBatchHost>();
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Server).Namespace!);
        var acquired = await OwnerLease.AcquireAsync(
            account, AccountOwner.Here(host.Kind, time.GetUtcNow()), shared: false, Patience, time, logger, cancellationToken);
        if (!acquired.Succeeded) throw new RefusedException(acquired.Failure);

        await using var lease = acquired.Value;
        app.Services.GetRequiredService<SoleOwnership>().Note(lease);
        await using var lost = lease.Lost.Register(() =>
        {
            _ = host.GiveUpAsync();
            app.Lifetime.StopApplication();
        });
        await using var stopping = app.Lifetime.ApplicationStopping.Register(() => _ = host.StopAsync());
        await host.ResumeAsync(cancellationToken);
        await app.StartAsync(cancellationToken);
        LogReady(logger, string.Join(", ", app.Urls), account.Service.Uri);
        await using var told = cancellationToken.Register(app.Lifetime.StopApplication);
        await app.WaitForShutdownAsync(CancellationToken.None);
        await host.StopAsync();
        LogStopped(logger);
        return lease.Lost.IsCancellationRequested ? ExitCode.OwnerLeaseLost : ExitCode.Success;
    }

    private static void AddTelemetry(IServiceCollection services) => services.AddOpenTelemetry()
        .WithTracing(tracing => tracing.AddSource(Telemetry.Name).AddOtlpExporter())
        .WithMetrics(metrics => metrics.AddMeter(Telemetry.Name).AddOtlpExporter())
        .WithLogging(logging => logging.AddOtlpExporter(), options => options.IncludeScopes = true);

    [LoggerMessage(LogLevel.Information, "Ready at {Urls}, working on {Account}")]
    private static partial void LogReady(ILogger logger, string urls, Uri account);

    [LoggerMessage(LogLevel.Information, "Stopped. The next start resumes what was under way")]
    private static partial void LogStopped(ILogger logger);
}
