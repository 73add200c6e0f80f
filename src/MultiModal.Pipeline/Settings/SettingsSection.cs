namespace MultiModal.Pipeline.Settings;

/// <summary>A section of the configuration, and the settings in it, which are the properties of its options class.</summary>
/// <param name="Name">Its name, such as <c>Images</c>.</param>
/// <param name="Options">The options class.</param>
public sealed record SettingsSection(string Name, Type Options)
{
    /// <summary>All settings of the section, in the order in which its options class has them.</summary>
    public IReadOnlyList<Setting> Settings { get; } = [.. Of(Name, Options)];

    /// <summary>The setting with this key, regardless of case; null if there is none.</summary>
    public Setting? Find(string key) => Settings.FirstOrDefault(setting => setting.Key.Equals(key, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<Setting> Of(string prefix, Type options)
    {
        foreach (var property in options.GetProperties().Where(p => p.GetIndexParameters().Length == 0).OrderBy(p => p.MetadataToken))
        {
            var setting = new Setting($"{prefix}:{property.Name}", property);
            if (!setting.IsList && property.SetMethod is not { IsPublic: true }) continue;
            if (property.PropertyType.Assembly != options.Assembly || !property.PropertyType.IsClass) yield return setting;
            else foreach (var inner in Of(setting.Key, property.PropertyType)) yield return inner;
        }
    }
}
