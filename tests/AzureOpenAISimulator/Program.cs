using AzureOpenAISimulator;
using AzureOpenAISimulator.Models;

// dotnet run --project tests/AzureOpenAISimulator -- --urls http://127.0.0.1:8085 [--key K] [--bearer T] [--deployments name=family,other=family]
var configuration = new ConfigurationBuilder().AddCommandLine(args).Build();
var options = new SimulatorOptions();
if (configuration["key"] is { } key) options = options with { Key = key };
if (configuration["bearer"] is { } token) options = options with { BearerTokens = [token] };
if (configuration["deployments"] is { } deployments)
{
    options = options with
    {
        Deployments =
        [
            .. deployments.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(pair => pair.Split('=', 2))
                .Select(pair => new Deployment(pair[0], ModelFamilies.Find(pair[^1]))),
        ],
    };
}
var app = SimulatorApplication.Build(
    options.Simulator(),
    builder =>
    {
        builder.WebHost.UseUrls(configuration["urls"] ?? "http://127.0.0.1:8085");
        // One line says where it listens; the calls are to be asked for under /_simulator.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
    });
await app.RunAsync();
