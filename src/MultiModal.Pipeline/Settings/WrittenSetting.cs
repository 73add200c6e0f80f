using System.Collections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace MultiModal.Pipeline.Settings;

/// <summary>A setting as somebody wrote it, and where.</summary>
/// <param name="Description">The setting for a message, such as <c>The environment variable Images__MaxEdge</c>.</param>
/// <param name="Spell">Spells another key in the same way, such as <c>Images__MaxEdge</c>.</param>
internal sealed record WrittenSetting(string Description, Func<string, string> Spell)
{
    /// <param name="configuration">The configuration that has the setting.</param>
    /// <param name="key">Its key, such as <c>Images:MaxEdge</c>.</param>
    public static WrittenSetting Find(IConfiguration configuration, string key) => Provider(configuration, key) switch
    {
        EnvironmentVariablesConfigurationProvider => Variable(key),
        GivenSettings given => new WrittenSetting(given.Describe(key), other => other),
        FileConfigurationProvider { Source: { FileProvider: { } files, Path: { } path } } =>
            new WrittenSetting($"{key} in {files.GetFileInfo(path).PhysicalPath ?? path}", other => other),
        _ => new WrittenSetting(key, other => other),
    };

    /// <summary>The provider whose value counts, which is the last one that has the key.</summary>
    private static IConfigurationProvider? Provider(IConfiguration configuration, string key)
    {
        var provider = (configuration as IConfigurationRoot)?.Providers.LastOrDefault(p => p.TryGet(key, out _));
        return provider is ChainedConfigurationProvider chained ? Provider(chained.Configuration, key) : provider;
    }

    private static WrittenSetting Variable(string key)
    {
        // Both the case and a prefix such as DOTNET_ are known only from the variable itself.
        var name = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(variable => (string)variable.Key)
            .Where(variable => variable.Replace("__", ":", StringComparison.Ordinal) is var written
                && written.EndsWith(key, StringComparison.OrdinalIgnoreCase)
                && !written[..^key.Length].Contains(':', StringComparison.Ordinal))
            .MinBy(variable => variable.Length) ?? Spelled(key);
        var prefix = name.Length > Spelled(key).Length ? name[..^Spelled(key).Length] : "";
        return new WrittenSetting($"The environment variable {name}", other => prefix + Spelled(other));

        static string Spelled(string key) => key.Replace(":", "__", StringComparison.Ordinal);
    }
}
