using System.Text.RegularExpressions;

namespace MultiModal.LocalHost.Tests.Documents;

/// <summary>What the documents refer to is there.</summary>
public sealed partial class LinkTests
{
    [Fact]
    public void Every_link_within_the_repository_leads_to_a_file_and_a_heading_that_exist()
    {
        var broken = RepositoryFile.Documents()
            .SelectMany(document => Links(document).Where(link => !LeadsSomewhere(document, link)).Select(link => $"{document}: {link}"));
        Assert.Empty(broken);
    }

    [Fact]
    public void The_design_names_every_room_of_the_pipeline_and_no_other()
    {
        var rooms = Directory.GetDirectories(Repository.File("src/MultiModal.Pipeline"))
            .Where(folder => Directory.EnumerateFiles(folder, "*.cs").Any())
            .Select(folder => Path.GetFileName(folder))
            .Where(room => room is not ("bin" or "obj"));
        var section = RepositoryFile.Read("docs/design.md").Split("\n## The rooms of the pipeline")[1].Split("\n## ")[0];
        Assert.Equal(rooms.Order(StringComparer.Ordinal), Room().Matches(section).Select(m => m.Groups["room"].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_name_in_code_that_a_document_mentions_exists()
    {
        var words = Sources().SelectMany(file => Word().Matches(File.ReadAllText(file)).Select(m => m.Value)).ToHashSet();
        var mentioned = RepositoryFile.Documents()
            .SelectMany(document => CodeName().Matches(RepositoryFile.Read(document)).Select(m => (document, Name: m.Groups["name"].Value)));
        Assert.All(mentioned, mention => Assert.Contains(mention.Name, words));
    }

    [Fact]
    public void Every_decision_record_is_in_the_list()
    {
        var records = Directory.GetFiles(Repository.File("docs/adr"), "0*.md").Select(file => Path.GetFileName(file));
        Assert.Equal(records.Order(StringComparer.Ordinal), Links("docs/adr/README.md").Order(StringComparer.Ordinal));
    }

    /// <summary>What people wrote: code, project files, scripts and infrastructure.</summary>
    private static IEnumerable<string> Sources() => new[] { "src", "tests", "infra", "scripts" }
        .SelectMany(folder => Directory.EnumerateFiles(Repository.File(folder), "*", SearchOption.AllDirectories))
        .Where(file => !Generated().IsMatch(file) && Path.GetExtension(file) is ".cs" or ".csproj" or ".targets" or ".bicep" or "")
        .Append(Repository.File("Directory.Build.props"));

    private static IEnumerable<string> Links(string document) => Link().Matches(Fence().Replace(RepositoryFile.Read(document), ""))
        .Select(link => link.Groups["target"].Value)
        .Where(target => !target.Contains("://", StringComparison.Ordinal));

    private static bool LeadsSomewhere(string document, string link)
    {
        var parts = link.Split('#');
        var target = parts[0].Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, parts[0]);
        var path = Repository.File(target);
        if (parts.Length == 1) return File.Exists(path) || Directory.Exists(path);
        return File.Exists(path) && Heading().Matches(File.ReadAllText(path)).Any(heading => Anchor(heading.Groups["text"].Value) == parts[1]);
    }

    /// <summary>As GitHub makes it: lowercase, without punctuation, and hyphens for spaces.</summary>
    private static string Anchor(string heading) => Punctuation().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N}\s_-]")]
    private static partial Regex Punctuation();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    [GeneratedRegex(@"`(?<name>I?[A-Z][a-z]+([A-Z][a-z]+)+|[A-Z][a-z]*_[a-z]\w+)(\.\w+)?`", RegexOptions.ExplicitCapture)]
    private static partial Regex CodeName();

    [GeneratedRegex(@"[/\\](bin|obj|node_modules)[/\\]")]
    private static partial Regex Generated();

    [GeneratedRegex(@"^\| `(?<room>\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Room();
}
