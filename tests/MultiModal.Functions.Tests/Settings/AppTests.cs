using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MultiModal.Functions.Hosting;
using MultiModal.Functions.Runs;
using MultiModal.Pipeline.Registration;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Steps;
using MultiModal.Web.OpenApi;

namespace MultiModal.Functions.Tests.Settings;

/// <summary>What the host reads of the app: function metadata, host.json, settings.</summary>
public sealed partial class AppTests
{

    private static readonly Dictionary<string, MethodInfo> Functions = typeof(RunFunctions).Assembly.GetTypes()
        .SelectMany(t => t.GetMethods())
        .Where(m => m.GetCustomAttribute<FunctionAttribute>() is not null)
        .ToDictionary(m => m.GetCustomAttribute<FunctionAttribute>()!.Name);

    [Fact]
    public void Every_step_is_an_activity_of_its_name()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("Storage:ConnectionString", "UseDevelopmentStorage=true")]).Build();
        using var services = new ServiceCollection().AddLogging().AddMultiModalPipeline(settings).BuildServiceProvider();
        var steps = services.GetRequiredService<StepSet>().Names;
        Assert.NotEmpty(steps);
        Assert.All(steps, step => Assert.NotNull(Trigger<ActivityTriggerAttribute>(Functions[step])));
    }

    [Fact]
    public void Triggers_that_a_setting_disables_have_names_that_a_setting_can_hold()
    {
        var triggers = Functions.Where(f => Trigger<BlobTriggerAttribute>(f.Value) is not null).ToList();
        Assert.Equal(["BlobDropped", "BlobDroppedEvent"], triggers.Select(t => t.Key).Order(StringComparer.Ordinal));
        Assert.All(triggers, t => Assert.Matches(PlainName(), t.Key));
        Assert.All(
            triggers,
            t =>
                Assert.Equal(
                    ("inbox/{name}", MediaConnection.Name),
                    (Trigger<BlobTriggerAttribute>(t.Value)!.BlobPath, Trigger<BlobTriggerAttribute>(t.Value)!.Connection)));
    }

    [Fact]
    public async Task Every_operation_of_the_API_is_a_function_and_every_HTTP_function_is_described()
    {
        using var document = JsonDocument.Parse(await ReadOpenApiAsync());
        var described = document.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Where(o => Verb().IsMatch(o.Name)).Select(o => $"{o.Name} {path.Name}"));
        var served = Functions.Values.Select(Trigger<HttpTriggerAttribute>).OfType<HttpTriggerAttribute>()
            .SelectMany(t => (t.Methods ?? []).Select(method => $"{method} /{t.Route!.Replace("{*path}", "{path}", StringComparison.Ordinal)}"))
            .Where(o => o.Contains("/api/", StringComparison.Ordinal) || o.EndsWith("/healthz", StringComparison.Ordinal));
        Assert.Equal(
            described.Where(o => o.Contains("/api/", StringComparison.Ordinal) || o.EndsWith("/healthz", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
            served.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Only_health_the_dashboards_shell_and_links_go_without_a_key()
    {
        var open = Functions.Where(f => Trigger<HttpTriggerAttribute>(f.Value) is { AuthLevel: AuthorizationLevel.Anonymous }).Select(f => f.Key);
        Assert.Equal(["Dashboard", "DashboardFile", "Health", "ReadLink", "UnknownRoute"], open.Order(StringComparer.Ordinal));
        Assert.All(
            Functions.Values.Select(Trigger<HttpTriggerAttribute>).OfType<HttpTriggerAttribute>(),
            t => Assert.True(t.AuthLevel is AuthorizationLevel.Anonymous or AuthorizationLevel.Function));
    }

    [Fact]
    public void The_route_that_takes_everything_is_tried_last()
    {
        // The host tries routes in this order, and takes the first that fits.
        var routes = Functions.Where(f => Trigger<HttpTriggerAttribute>(f.Value) is not null).OrderBy(f => f.Key, StringComparer.OrdinalIgnoreCase)
            .Select(f => Trigger<HttpTriggerAttribute>(f.Value)!.Route!).ToList();
        Assert.Equal("{*address}", routes[^1]);
        Assert.DoesNotContain(routes[..^1], route => route.StartsWith("{*", StringComparison.Ordinal));
    }

    [Fact]
    public void The_host_settings_contain_the_values_that_the_app_relies_on()
    {
        using var host = JsonDocument.Parse(File.ReadAllText(Repository.File("host.json")));
        var root = host.RootElement;
        Assert.Equal("2.0", root.GetProperty("version").GetString());
        Assert.Equal("OpenTelemetry", root.GetProperty("telemetryMode").GetString());
        Assert.Equal("", root.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString());
        var durable = root.GetProperty("extensions").GetProperty("durableTask");
        Assert.Equal("MultiModal", durable.GetProperty("hubName").GetString());
        Assert.True(
            TimeSpan.Parse(durable.GetProperty("storageProvider").GetProperty("maxQueuePollingInterval").GetString()!) <= TimeSpan.FromSeconds(5));
        Assert.True(TimeSpan.Parse(root.GetProperty("functionTimeout").GetString()!) > new Pipeline.PipelineOptions().StepTimeout);
    }

    [Fact]
    public void The_sample_settings_are_all_that_is_needed_with_Azurite_and_the_offline_engines()
    {
        using var sample = JsonDocument.Parse(File.ReadAllText(Repository.File("local.settings.sample.json")));
        var values = sample.RootElement.GetProperty("Values");
        Assert.Equal("dotnet-isolated", values.GetProperty("FUNCTIONS_WORKER_RUNTIME").GetString());
        Assert.Equal("UseDevelopmentStorage=true", values.GetProperty("AzureWebJobsStorage").GetString());
        Assert.Equal("UseDevelopmentStorage=true", values.GetProperty(MediaConnection.Name).GetString());
        Assert.Equal("true", values.GetProperty("AzureWebJobs.BlobDroppedEvent.Disabled").GetString());
        Assert.All(new[] { "Vision", "Speech", "Text" }, c => Assert.Equal("Offline", values.GetProperty($"Ai__{c}__Engine").GetString()));
    }

    [Fact]
    public void Settings_of_a_developer_are_not_part_of_the_app()
    {
        var app = Path.GetDirectoryName(typeof(RunFunctions).Assembly.Location)!;
        Assert.False(File.Exists(Path.Combine(app, "local.settings.sample.json")));
        Assert.Contains("local.settings.json", File.ReadAllLines(Repository.File(".gitignore")));
    }

    private static T? Trigger<T>(MethodInfo function) where T : Attribute =>
        function.GetParameters().Select(p => p.GetCustomAttribute<T>()).SingleOrDefault(a => a is not null);

    private static async Task<byte[]> ReadOpenApiAsync()
    {
        await using var resource = typeof(OpenApiDocument).Assembly.GetManifestResourceStream("openapi.json")!;
        using var copy = new MemoryStream();
        await resource.CopyToAsync(copy);
        return copy.ToArray();
    }

    [GeneratedRegex("^[A-Za-z0-9_]+$")]
    private static partial Regex PlainName();

    [GeneratedRegex("^(get|head|put|post|delete)$")]
    private static partial Regex Verb();
}
