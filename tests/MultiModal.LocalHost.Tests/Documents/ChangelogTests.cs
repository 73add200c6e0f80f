using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace MultiModal.LocalHost.Tests.Documents;

/// <summary>CHANGELOG.md: its topmost version is the one that is built, and names the versions that cache keys hold.</summary>
public sealed partial class ChangelogTests
{
    private static readonly string Changelog = RepositoryFile.Read("CHANGELOG.md");

    private static readonly MatchCollection Versions = Version().Matches(Changelog);

    [Fact]
    public void The_topmost_version_is_the_one_that_is_built()
    {
        var built = XDocument.Parse(RepositoryFile.Read("Directory.Build.props")).Descendants("Version").Single().Value;
        Assert.Equal(built, Versions[0].Groups["version"].Value);
    }

    [Fact]
    public void The_cache_contract_names_every_version_in_the_code_with_its_value()
    {
        var newest = Changelog[Versions[0].Index..Versions[1].Index];
        var written = Row().Matches(newest).Select(m => $"{m.Groups["name"].Value} = {m.Groups["value"].Value}").Order(StringComparer.Ordinal);
        Assert.Equal(VersionsInCode().Order(StringComparer.Ordinal), written);
    }

    private static IEnumerable<string> VersionsInCode()
    {
        var sources = Directory.EnumerateFiles(Repository.File("src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
        foreach (var source in sources)
        {
            var code = File.ReadAllText(source);
            foreach (Match constant in Constant().Matches(code))
            {
                var type = TypeName().Matches(code[..constant.Index])[^1].Groups["name"].Value;
                yield return $"{type}.{constant.Groups["name"].Value} = {constant.Groups["value"].Value}";
            }
        }
    }

    [GeneratedRegex(@"^## (?<version>\d+\.\d+\.\d+)[^\n]*$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Version();

    [GeneratedRegex(@"^\| `(?<name>\w+\.\w+)` \| (?<value>[^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("""const (int|string) (?<name>\w*(Version|Revision)) = "?(?<value>[^";]+)"?;""", RegexOptions.ExplicitCapture)]
    private static partial Regex Constant();

    [GeneratedRegex(@"\b(class|record|struct) (?<name>[A-Z]\w*)", RegexOptions.ExplicitCapture)]
    private static partial Regex TypeName();
}
