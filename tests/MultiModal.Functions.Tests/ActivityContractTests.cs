using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Azure.Functions.Worker;
using MultiModal.Functions.Runs;

namespace MultiModal.Functions.Tests;

/// <summary>CHANGELOG.md names every activity: a run that began under an older version calls them by these names.</summary>
public sealed partial class ActivityContractTests
{
    [Fact]
    public void The_changelog_names_every_activity()
    {
        var activities = typeof(StepFunctions).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .Where(method => method.GetParameters().Any(p => p.GetCustomAttribute<ActivityTriggerAttribute>() is not null))
            .Select(method => method.GetCustomAttribute<FunctionAttribute>()!.Name);
        var contract = File.ReadAllText(Repository.File("CHANGELOG.md")).Split("### Activity contract", 3)[1].Split("\n## ", 2)[0];
        var written = Row().Matches(contract).SelectMany(row => Name().Matches(row.Groups["names"].Value)).Select(name => name.Groups["name"].Value);
        Assert.Equal(activities.Order(StringComparer.Ordinal), written.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"^\|(?<names>[^|]*`[^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`(?<name>[a-z-]+)`")]
    private static partial Regex Name();
}
