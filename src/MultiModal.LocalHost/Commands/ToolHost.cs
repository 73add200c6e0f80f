using Microsoft.Extensions.Logging.Console;
using MultiModal.LocalHost.Registration;
using Spectre.Console;

namespace MultiModal.LocalHost.Commands;

/// <summary>Creates the services of a command that ends by itself: its results go to standard output, its logs to standard error.</summary>
internal static class ToolHost
{
    /// <param name="console">Where results are written.</param>
    /// <param name="settings">Settings of the command line.</param>
    /// <param name="configure">What a caller changes in the services.</param>
    public static IHost Build(IAnsiConsole console, IEnumerable<string> settings, Action<IServiceCollection>? configure = null)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddSettings(settings);
        builder.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);

        // Log lines between the frames of a live display would break it.
        builder.Logging.AddFilter<ConsoleLoggerProvider>(null, console.Profile.Out.IsTerminal ? LogLevel.Error : LogLevel.Warning);
        builder.Services.AddLocalHost(builder.Configuration);
        configure?.Invoke(builder.Services);
        return builder.Build();
    }
}
