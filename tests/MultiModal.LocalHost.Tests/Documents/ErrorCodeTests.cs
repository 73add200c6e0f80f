using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using MultiModal.Pipeline;
using MultiModal.Web.Edge;

namespace MultiModal.LocalHost.Tests.Documents;

/// <summary>docs/errors.md lists every code that the product uses, and no other.</summary>
public sealed partial class ErrorCodeTests
{
    /// <summary>Answers of the local host's own, before the API's handlers.</summary>
    private static readonly string[] Gate = ["unauthorized", "host-not-allowed", "origin-not-allowed"];

    private static readonly string[] Sections = RepositoryFile.Read("docs/errors.md").Split("\n## ");

    [Fact]
    public void Every_failure_code_is_listed_and_no_other()
    {
        var listed = Sections[1..^1].SelectMany(section => Codes(section).Select(c => c.Code)).Distinct();
        Assert.Equal(Constants(typeof(FailureCodes)).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_problem_code_is_listed_with_its_status()
    {
        var listed = Codes(Sections[^1]).Where(c => !Gate.Contains(c.Code)).Select(c => $"{c.Code} {c.Status}");
        var used = Constants(typeof(ProblemCodes))
            .Select(code => string.Create(CultureInfo.InvariantCulture, $"{code} {ProblemCodes.StatusOf(code)}"));
        Assert.Equal(used.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Constants(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!).Distinct();

    private static IEnumerable<(string Code, string Status)> Codes(string section) =>
        Row().Matches(section)
            .SelectMany(row => Code().Matches(row.Groups["codes"].Value).Select(code => (code.Groups["code"].Value, row.Groups["status"].Value)));

    [GeneratedRegex(@"^\| (?<codes>`[^|]*`) \| (?<status>\d*)", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`(?<code>[a-z-]+)`")]
    private static partial Regex Code();
}
