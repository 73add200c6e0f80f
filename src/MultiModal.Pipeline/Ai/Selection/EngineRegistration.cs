using Azure.Core;
using Azure.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Settings;

namespace MultiModal.Pipeline.Ai.Selection;

public static class EngineRegistration
{
    /// <summary>
    /// Adds <see cref="EngineSet"/>, <see cref="EngineFactory"/> and <see cref="AiOptions"/>. Offline engines are keyed singletons
    /// under <see cref="EngineIdentity.Offline"/>, made only where they are chosen.
    /// </summary>
    public static IServiceCollection AddEngines(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddSettings<AiOptions>(configuration, AiOptions.Section);
        services.AddSettings<ModelOptions>(configuration, ModelOptions.Section);
        services.AddSingleton(_ => new CatalogueChoice(configuration));
        services.AddSingleton<IValidateOptions<ModelOptions>, CatalogueValidator>();
        services.AddSingleton(provider => provider.GetRequiredService<CatalogueChoice>().Catalogue);
        services.AddSingleton<ModelFamilies>();
        services.AddSingleton<IPostConfigureOptions<AiOptions>>(
            provider => new AiEnvironment(configuration, provider.GetRequiredService<CatalogueChoice>()));
        services.AddSingleton<IValidateOptions<AiOptions>, AiOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
#pragma warning disable RS0030 // Here a host that brings no source of randomness gets the system's, as it gets the system's clock.
        services.TryAddSingleton(Random.Shared);
#pragma warning restore RS0030
        services.TryAddSingleton<TokenCredential>(_ => new DefaultAzureCredential());
        services.AddSingleton<EngineFactory>();
        services.AddSingleton<ModelWatch>();
        services.AddSingleton(provider => provider.GetRequiredService<EngineFactory>().Create());
        return services;
    }
}
