using Microsoft.Extensions.Configuration;

namespace MultiModal.Pipeline.Settings;

/// <summary>Settings that a host was given in a way of its own, such as its command line, and what messages call that way.</summary>
/// <param name="describe">Describes a key as it was given, such as <c>--set Images:MaxEdge</c>.</param>
/// <param name="settings">Keys and values; of equal keys, the last one counts.</param>
public sealed class GivenSettings(Func<string, string> describe, IEnumerable<KeyValuePair<string, string?>> settings)
    : ConfigurationProvider, IConfigurationSource
{
    internal string Describe(string key) => describe(key);

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public override void Load()
    {
        foreach (var (key, value) in settings) Data[key] = value;
    }
}
