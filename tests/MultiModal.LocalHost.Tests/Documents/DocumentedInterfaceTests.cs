using System.Text.Json;
using System.Text.RegularExpressions;

namespace MultiModal.LocalHost.Tests.Documents;

/// <summary>The calls and variables that the documents list are those of the OpenAPI document and of the Azure template.</summary>
public sealed partial class DocumentedInterfaceTests
{
    [Fact]
    public void The_readme_lists_every_call_of_the_api_that_a_person_makes()
    {
        using var openApi = JsonDocument.Parse(RepositoryFile.Read("src/MultiModal.Web/OpenApi/openapi.json"));
        var calls = openApi.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(
                path => path.Value.EnumerateObject().Where(m => m.Name != "parameters")
                    .Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}"))
            .ToHashSet();
        var section = RepositoryFile.Read("README.md").Split("\n## HTTP API")[1].Split("\n## ")[0];
        var listed = Call().Matches(section).Select(m => m.Value.Trim('`')).ToList();
        Assert.All(listed, call => Assert.Contains(call, calls));

        // The dashboard asks for the details of items, and for its own files.
        var notListed = calls.Except(listed)
            .Where(call => call.Contains("/api/", StringComparison.Ordinal) && !call.Contains("/runs/", StringComparison.Ordinal));
        Assert.Empty(notListed);
    }

    [Fact]
    public void The_variables_for_azd_are_those_of_the_template_with_their_defaults()
    {
        var template = Parameter().Matches(RepositoryFile.Read("infra/main.parameters.json"))
            .ToDictionary(m => m.Groups["name"].Value, m => m.Groups["default"].Value);
        var section = RepositoryFile.Read("docs/azure.md").Split("\n## Configure")[1].Split("\n## ")[0];
        var rows = VariableRow().Matches(section).ToList();
        Assert.NotEmpty(rows);
        foreach (var row in rows)
        {
            var names = row.Groups["names"].Value.Split(", ").Select(name => name.Trim('`')).ToList();
            Assert.All(names, name => Assert.Contains(name, template.Keys));
            var defaults = names.Select(name => template[name]).ToList();
            if (defaults.TrueForAll(
                value => value.Length > 0)) Assert.Equal(defaults, row.Groups["defaults"].Value.Split(", ").Select(value => value.Trim('`')));
        }
    }

    [Fact]
    public void The_commands_for_Azure_use_variables_that_a_deployment_sets()
    {
        var outputs = Output().Matches(RepositoryFile.Read("infra/main.bicep")).Select(m => m.Groups["name"].Value).ToHashSet();
        var used =
            Snippet.All().Where(s => s.Document == "docs/azure.md").SelectMany(s => UsedVariable().Matches(s.Text))
                .Select(m => m.Groups["name"].Value).ToList();
        Assert.NotEmpty(used);
        Assert.All(used, name => Assert.Contains(name, outputs));
    }

    [GeneratedRegex("`(GET|HEAD|PUT|POST|DELETE) /[^`?]*`", RegexOptions.ExplicitCapture)]
    private static partial Regex Call();

    [GeneratedRegex(@"\$\{(?<name>[A-Z_]+)(=(?<default>[^}]*))?\}", RegexOptions.ExplicitCapture)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"^\| (?<names>`[A-Z_]+`(, `[A-Z_]+`)*) \| (?<defaults>[^|]*) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex VariableRow();

    [GeneratedRegex(@"^output (?<name>\w+) ", RegexOptions.Multiline)]
    private static partial Regex Output();

    [GeneratedRegex(@"\$(?<name>AZURE_\w+)")]
    private static partial Regex UsedVariable();
}
