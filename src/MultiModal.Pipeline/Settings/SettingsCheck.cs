using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace MultiModal.Pipeline.Settings;

/// <summary>
/// Reads one section and finds everything that is wrong with it: keys that are no settings, values of a wrong type, and values beyond their limits.
/// Each becomes a sentence that names the setting as it was written.
/// </summary>
internal sealed class SettingsCheck<TOptions>(IConfiguration configuration, SettingsSection section, IEnumerable<SettingsSection> sections)
    : IConfigureOptions<TOptions>, IValidateOptions<TOptions>
    where TOptions : class
{
    /// <summary>The shortest name of a section for which a similar name is taken as a misspelt one. Shorter names resemble too many others.</summary>
    private const int ShortestName = 4;

    /// <summary>Sets what has a value of the right type. All else is a problem that <see cref="Validate"/> reports.</summary>
    public void Configure(TOptions options)
    {
        var values = Values(section.Name).Where(value => Setting(value.Key) is { } setting && IsRight(setting, value)).ToList();
        new ConfigurationBuilder().AddInMemoryCollection(values).Build().GetSection(section.Name).Bind(options);
    }

    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        var values = Values(section.Name).ToList();
        List<string> problems =
        [
            .. values.Where(value => Setting(value.Key) is null).Select(value => Unknown(value.Key)),
            .. MisspeltSections(),
            .. values.Where(value => Setting(value.Key) is { } setting && !IsRight(setting, value))
                .Select(value => Wrong(Setting(value.Key)!, $"{Setting(value.Key)!.Key} must be {Setting(value.Key)!.Rule}.")),
            .. section.Settings.Where(setting => setting.Property.DeclaringType == typeof(TOptions)).Select(setting => BeyondLimits(setting, options))
                .OfType<string>(),
        ];

        // What settings must be together is asked once each is right by itself.
        if (problems.Count == 0 && options is IValidatableObject whole)
            problems.AddRange(whole.Validate(new ValidationContext(options)).Select(result => result.ErrorMessage!));
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private IEnumerable<KeyValuePair<string, string?>> Values(string name) =>
        configuration.GetSection(name).AsEnumerable().Where(value => value.Value is not null && value.Key.Contains(':', StringComparison.Ordinal));

    /// <summary>The setting of a key, which for an element of a list is the list.</summary>
    private Setting? Setting(string key)
    {
        if (section.Find(key) is { } setting) return setting;
        var end = key.LastIndexOf(':');
        var isNumbered = int.TryParse(key[(end + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _);
        return isNumbered && section.Find(key[..end]) is { IsList: true } list ? list : null;
    }

    private static bool IsRight(Setting setting, KeyValuePair<string, string?> value) =>
        !value.Key.Equals(setting.Key, StringComparison.OrdinalIgnoreCase) || setting.IsOfItsType(value.Value!);

    private string Unknown(string key) => Unknown(
        key, Spelling.Nearest(key, section.Settings.Concat(sections.SelectMany(other => other.Settings)).Select(setting => setting.Key)));

    private string Unknown(string key, string? nearest)
    {
        var written = WrittenSetting.Find(configuration, key);
        var advice = nearest is null ? "docs/configuration.md lists all settings." : $"Did you mean {written.Spell(nearest)}?";
        return $"{written.Description} is not a setting. {advice}";
    }

    /// <summary>Settings of this section that were written with a similar name that is none, such as <c>Image:MaxEdge</c>.</summary>
    private IEnumerable<string> MisspeltSections() => section.Name.Length < ShortestName ? [] : configuration.GetChildren()
        .Where(child => !sections.Any(known => known.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)))
        .Where(child => Spelling.Distance(child.Key, section.Name) * 3 <= section.Name.Length)
        .SelectMany(child => Values(child.Key).Select(value => (value.Key, Meant: section.Find(section.Name + value.Key[child.Key.Length..]))))
        .Where(value => value.Meant is not null)
        .Select(value => Unknown(value.Key, value.Meant!.Key));

    private string? BeyondLimits(Setting setting, TOptions options)
    {
        var attributes = setting.Property.GetCustomAttributes(typeof(ValidationAttribute), inherit: true).Cast<ValidationAttribute>().ToList();
        var value = setting.Property.GetValue(options);
        if (attributes.TrueForAll(attribute => attribute.IsValid(value))) return null;
        return Wrong(setting, attributes.Select(attribute => attribute.ErrorMessage).OfType<string>().First());
    }

    /// <param name="setting">A setting whose value is wrong.</param>
    /// <param name="rule">The sentence that says what it must be and begins with its key.</param>
    private string Wrong(Setting setting, string rule)
    {
        var written = WrittenSetting.Find(configuration, setting.Key);
        var value = configuration[setting.Key];
        return value is null || !setting.MayBeShown
            ? $"{written.Description}{rule[setting.Key.Length..]}"
            : $"{written.Description} is '{value}': it{rule[setting.Key.Length..]}";
    }
}
