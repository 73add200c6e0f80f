using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MultiModal.Pipeline.Settings;

/// <summary>Registration of the sections of the configuration, and the question what is wrong with them.</summary>
public static class SettingsRegistration
{
    /// <summary>Adds an options class, whose values are those of a section. What is wrong with the section stops the host at its start.</summary>
    public static IServiceCollection AddSettings<TOptions>(this IServiceCollection services, IConfiguration configuration, string section)
        where TOptions : class
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        if (services.Any(service => service.ImplementationInstance is SettingsSection known && known.Options == typeof(TOptions))) return services;
        var settings = new SettingsSection(section, typeof(TOptions));
        services.AddSingleton(settings);
        services.AddSingleton<IConfigureOptions<TOptions>>(Check);
        services.AddSingleton<IValidateOptions<TOptions>>(Check);
        services.AddOptions<TOptions>().ValidateOnStart();
        return services;

        SettingsCheck<TOptions> Check(IServiceProvider provider) => new(configuration, settings, provider.GetServices<SettingsSection>());
    }

    /// <summary>Checks all sections that were added.</summary>
    /// <returns>A sentence for each setting that is wrong; none if the host can start.</returns>
    public static IReadOnlyList<string> FindWrongSettings(this IServiceProvider services)
    {
        try
        {
            services.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (OptionsValidationException e)
        {
            return [.. e.Failures];
        }
        catch (AggregateException e) when (e.InnerExceptions.All(inner => inner is OptionsValidationException))
        {
            return [.. e.InnerExceptions.Cast<OptionsValidationException>().SelectMany(inner => inner.Failures)];
        }
    }
}
