using System.Text.RegularExpressions;

namespace MultiModal.LocalHost.Tests.Documents;

/// <summary>docs/configuration.md has every setting of every section, as the options classes define them.</summary>
public sealed partial class SettingsTableTests
{
    private const string Page = "docs/configuration.md";
    private const string Begin = "<!-- settings -->\n";
    private const string End = "\n<!-- /settings -->";

    [Fact]
    public void The_page_shows_the_settings_as_the_options_classes_define_them()
    {
        var page = RepositoryFile.Read(Page);
        var from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var to = page.IndexOf(End, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            page = $"{page[..from]}{SettingsTable.Render()}{page[to..]}";
            File.WriteAllText(Repository.File(Page), page);
            to = page.IndexOf(End, StringComparison.Ordinal);
        }

        Assert.Equal(SettingsTable.Render(), page[from..to]);
    }

    [Fact]
    public void Every_section_that_the_hosts_bind_has_a_table()
    {
        string[] bound =
        [
            "Ai", "Audio", "Budget", "Costs", "Decoder", "Images", "LocalHost", "Models", "Ocr", "Pdf", "Pipeline", "Programs", "Storage", "Text", "Web",
            "Webhooks", "Whisper",
        ];
        Assert.Equal(bound, SettingsTable.Sections().Select(s => s.Name));
    }

    [Fact]
    public void Every_setting_that_a_document_names_exists()
    {
        var sections = SettingsTable.Sections().Select(s => s.Name).ToHashSet();
        var known = Setting().Matches(RepositoryFile.Read(Page)).Select(m => m.Groups["setting"].Value).ToHashSet();
        var named = RepositoryFile.Documents().Where(document => document != Page)
            .SelectMany(document => Setting().Matches(RepositoryFile.Read(document)).Select(m => (document, Setting: m.Groups["setting"].Value)))
            .Select(
                mention =>
                    (mention.document,
                        Setting: Known(mention.Setting.Replace("__", ":", StringComparison.Ordinal))))
            .Where(mention => sections.Contains(mention.Setting.Split(':')[0]) && !sections.Contains(mention.Setting))
            .ToList();
        Assert.NotEmpty(named);
        Assert.All(named, mention => Assert.Contains(mention.Setting, known));

        // A capability can have settings of its own beside those that all have.
        string Known(string setting) => known.Contains(setting) ? setting : Capability().Replace(setting, "Ai:{capability}:");
    }

    [Fact]
    public void The_page_names_every_variable_that_has_no_section()
    {
        var page = RepositoryFile.Read(Page);
        var variables = Directory.EnumerateFiles(Repository.File("src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Variable().Matches(File.ReadAllText(file)).Select(m => m.Groups["name"].Value))
            .Where(name => name != "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT")
            .Distinct()
            .ToList();
        Assert.NotEmpty(variables);
        Assert.All(variables, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
    }

    [GeneratedRegex("`(?<setting>[A-Z][A-Za-z]+((:|__)[A-Za-z{}]+)+)(=[^`]*)?`", RegexOptions.ExplicitCapture)]
    private static partial Regex Setting();

    [GeneratedRegex("^Ai:(Vision|Speech|Text|ImageGeneration):")]
    private static partial Regex Capability();

    [GeneratedRegex("""((?<!Environment)Variable\(|[Cc]onfiguration\[)"(?<name>[A-Z_]+)"(\)|\])""", RegexOptions.ExplicitCapture)]
    private static partial Regex Variable();
}
