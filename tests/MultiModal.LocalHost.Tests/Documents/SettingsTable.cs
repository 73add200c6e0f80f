using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MultiModal.LocalHost.Hosting;
using MultiModal.LocalHost.Registration;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Settings;
using MultiModal.Web;

namespace MultiModal.LocalHost.Tests.Documents;

/// <summary>
/// All settings as Markdown: a table for each section, from the list that the hosts check, the default values and the XML
/// documentation.
/// </summary>
internal static partial class SettingsTable
{
    private const string SectionConstant = "Section";

    private static readonly Assembly[] Assemblies = [
        typeof(PipelineOptions).Assembly, typeof(WebServices).Assembly, typeof(LocalHostOptions).Assembly];

    private static readonly Dictionary<string, XElement> Summaries = Assemblies
        .SelectMany(assembly => XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member"))
        .DistinctBy(member => (string)member.Attribute("name")!)
        .ToDictionary(member => (string)member.Attribute("name")!, member => member.Element("summary") ?? new XElement("summary"));

    /// <summary>The sections that the local host reads, in the order of their names. The Functions host reads no others.</summary>
    public static IEnumerable<SettingsSection> Sections() => new ServiceCollection()
        .AddLocalHost(new ConfigurationBuilder().Build())
        .Select(service => service.ImplementationInstance)
        .OfType<SettingsSection>()
        .OrderBy(section => section.Name, StringComparer.Ordinal);

    public static string Render()
    {
        var markdown = new StringBuilder();
        foreach (var section in Sections())
        {
            markdown.Append(CultureInfo.InvariantCulture, $"## {section.Name}\n\n{Introduction(section.Options)}\n\n");
            markdown.Append("| setting | default | allowed | meaning |\n|---|---|---|---|\n");
            markdown.AppendJoin('\n', Rows(section)).Append("\n\n");
        }

        return markdown.ToString().TrimEnd('\n');
    }

    /// <summary>A row for each setting. Those that every capability has come last, once for all of them.</summary>
    private static IEnumerable<string> Rows(SettingsSection section) => section.Settings
        .OrderBy(setting => setting.Property.DeclaringType != section.Options)
        .Select(Row)
        .Distinct();

    private static string Row(Setting setting)
    {
        var (property, type) = (setting.Property, setting.Property.DeclaringType!);
        string[] cells =
        [
            $"`{KeyOf(setting)}`",
            Value(property, property.GetValue(Activator.CreateInstance(type))),
            Allowed(setting),
            Prose(type, property),
        ];
        return $"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |";
    }

    private static string KeyOf(Setting setting) => setting.Property switch
    {
        { DeclaringType: var type, Name: var name } when type == typeof(CapabilityOptions) => $"Ai:{{capability}}:{name}",
        { DeclaringType: var type, Name: var name } when type == typeof(FallbackOptions) => $"Ai:{{capability}}:Fallback:{name}",
        _ => setting.Key,
    };

    private static string Introduction(Type type)
    {
        var text = Text(Summary($"T:{type.FullName}"), type);
        var start = text.IndexOf(": ", StringComparison.Ordinal) + 2;
        return $"{char.ToUpperInvariant(text[start])}{text[(start + 1)..]}";
    }

    private static string Prose(Type type, PropertyInfo property) => Text(Summary($"P:{type.FullName}.{property.Name}"), type);

    private static XElement Summary(string member) =>
        Summaries.TryGetValue(member, out var summary) && summary.Value.Length + summary.Elements().Count() > 0
            ? summary
            : throw new InvalidOperationException($"{member} has no summary, and so no place in docs/configuration.md.");

    private static string Text(XElement summary, Type type) => Spaces().Replace(string.Concat(summary.Nodes().Select(node => node switch
    {
        XElement { Name.LocalName: "see" } see => $"`{Reference((string)see.Attribute("cref")!, type)}`",
        XElement code => $"`{code.Value}`",
        _ => node.ToString(),
    })), " ").Trim().Replace("&lt;", "<", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal);

    /// <summary>A property of the same class as the setting that it is, anything else by its own name.</summary>
    private static string Reference(string member, Type type)
    {
        var name = member[(member.LastIndexOf('.') + 1)..];
        return member == $"P:{type.FullName}.{name}" ? $"{type.GetField(SectionConstant)?.GetRawConstantValue()}:{name}" : name;
    }

    private static string Value(PropertyInfo property, object? value) => value switch
    {
        null => "",
        string text => $"`{text}`",
        bool truth => truth ? "`true`" : "`false`",
        TimeSpan time => $"`{time:c}`",
        ICollection { Count: 0 } => "",
        IConvertible number
            when property.Name.EndsWith(
                "Bytes", StringComparison.Ordinal) => $"`{Digits(number)}` ({Size(number.ToInt64(CultureInfo.InvariantCulture))})",
        IConvertible number => $"`{Digits(number)}`",
        _ => throw new InvalidOperationException($"{property.Name} has a default that cannot be written as one value."),
    };

    private static string Allowed(Setting setting)
    {
        if (setting.Range is { } range) return $"`{Digits(range.Minimum)}` to `{Digits(range.Maximum)}`";
        if (setting.Choices.Count > 0) return Names(setting.Choices);
        return setting.Property.GetCustomAttribute<RegularExpressionAttribute>() is { } pattern
            && Alternatives().Match(pattern.Pattern) is { Success: true } names
            ? Names(names.Groups["names"].Value.Split('|'))
            : "";
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"`{name}`"));

    private static string Digits(object number) => Convert.ToString(number, CultureInfo.InvariantCulture)!;

    private static string Size(long bytes)
    {
        string[] units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
        var unit = 0;
        for (; unit < units.Length - 1 && bytes % 1024 == 0; unit++) bytes /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{bytes} {units[unit]}");
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"^\^\((?<names>[\w|]+)\)\$$")]
    private static partial Regex Alternatives();
}
