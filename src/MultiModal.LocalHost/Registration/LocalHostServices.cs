using Azure.Core;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using MultiModal.LocalHost.Hosting;
using MultiModal.LocalHost.Running;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Registration;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Settings;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Webhooks;
using MultiModal.Web.Edge;

namespace MultiModal.LocalHost.Registration;

/// <summary>Registration of the services that all commands share: settings, the pipeline, and the batches of an account.</summary>
internal static class LocalHostServices
{
    private const string Azurite = "UseDevelopmentStorage=true";

    /// <param name="configuration">The configuration with appsettings.json and the environment.</param>
    /// <param name="settings">Settings of the command line, in the form <c>Section:Key=value</c>; they override all others.</param>
    public static void AddSettings(this IConfigurationManager configuration, IEnumerable<string> settings)
    {
        var pairs = settings.Select(s => s.Split('=', 2)).ToList();
        if (pairs.Find(p => p.Length < 2) is { } bad)
        {
            throw new RefusedException(FailureCodes.InvalidSetting, $"--set {bad[0]}: a setting has the form Section:Key=value.");
        }

        configuration.Sources.Add(new GivenSettings(
            key => $"--set {key}", pairs.Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1]))));
        var storage = configuration.GetSection(StorageOptions.Section);
        if (string.IsNullOrWhiteSpace(storage[nameof(StorageOptions.ConnectionString)])
            && string.IsNullOrWhiteSpace(storage[nameof(StorageOptions.BlobServiceUri)]))
        {
            storage[nameof(StorageOptions.ConnectionString)] = Azurite;
        }
    }

    public static IServiceCollection AddLocalHost(this IServiceCollection services, IConfiguration configuration)
    {
        return services
            .AddSettings<LocalHostOptions>(configuration, LocalHostOptions.Section)
            .AddSettings<WebOptions>(configuration, WebOptions.Section)
            .AddSingleton(new RecordKeeping(Together: true))
            .AddMultiModalPipeline(configuration)
            .AddSingleton(provider => new OwnPorts(port => IsListenedOn(provider, port)))
            .AddSingleton<BatchRunner>()
            .AddSingleton<WebhookQueue>()
            .AddSingleton<LocalBatchHost>()
            .AddSingleton<IBatchHost>(provider => provider.GetRequiredService<LocalBatchHost>());
    }

    /// <exception cref="OptionsValidationException">Settings are wrong; there is a sentence for each of them.</exception>
    public static void CheckSettings(this IServiceProvider services)
    {
        if (services.FindWrongSettings() is { Count: > 0 } wrong)
            throw new OptionsValidationException(Options.DefaultName, typeof(LocalHostOptions), wrong);
    }

    /// <summary>Checks settings and storage, and creates the containers.</summary>
    /// <exception cref="OptionsValidationException">Settings are wrong.</exception>
    /// <exception cref="RefusedException">Storage can't be used; the message says why.</exception>
    public static async Task<MediaAccount> OpenAccountAsync(this IServiceProvider services, CancellationToken cancellationToken)
    {
        services.CheckSettings();
        var options = services.GetRequiredService<IOptions<StorageOptions>>().Value;
        if (await StorageProbe.ProbeAsync(
            options, services.GetRequiredService<TokenCredential>(), services.GetRequiredService<TimeProvider>(),
            cancellationToken) is { } failure) throw new RefusedException(failure);
        var account = services.GetRequiredService<MediaAccount>();
        await account.CreateContainersAsync(cancellationToken);
        return account;
    }

    /// <summary>Whether the server listens on this port or would do so: a command does not listen, but a server may run beside it.</summary>
    private static bool IsListenedOn(IServiceProvider services, int port)
    {
        var listening = services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        return listening
            .Append(services.GetRequiredService<IOptions<LocalHostOptions>>().Value.Url)
            .Any(address => Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Port == port);
    }
}
