using System.Diagnostics;
using System.Xml.Linq;

namespace MultiModal.Pipeline.Tests.Dependencies;

/// <summary>
/// What eng/advisories.props lists passes a restore, and nothing else does: the project that refers to ImageSharp is restored, with the
/// repository's own settings, from a feed that knows of advisories against ImageSharp.
/// </summary>
public sealed class AuditTests : IDisposable
{
    private const string ImageSharp = "sixlabors.imagesharp";
    private const string Unlisted = "https://github.com/advisories/GHSA-2222-3333-4444";

    private static readonly string[] Files =
    [
        "Directory.Build.props",
        "Directory.Build.targets",
        "Directory.Packages.props",
        "eng/advisories.props",
        "src/MultiModal.Decoder/MultiModal.Decoder.csproj",
    ];

    private readonly TemporaryFolder folder = new();

    public AuditTests()
    {
        foreach (var file in Files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[file])!);
            File.Copy(Repository.File(file), folder[file]);
        }
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Advisories_that_are_listed_pass_a_restore()
    {
        Assert.NotEmpty(Listed);
        var (exitCode, output) = await RestoreAsync(Listed);
        Assert.True(exitCode == 0, output);
        Assert.DoesNotContain("NU190", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_advisory_that_is_not_listed_breaks_a_restore()
    {
        var (exitCode, output) = await RestoreAsync([.. Listed, Unlisted]);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("error NU1903", output, StringComparison.Ordinal);
        Assert.Contains(Unlisted, output, StringComparison.Ordinal);
        Assert.All(Listed, advisory => Assert.DoesNotContain(advisory, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_the_list_each_of_its_advisories_breaks_a_restore()
    {
        await File.WriteAllTextAsync(folder["eng/advisories.props"], "<Project />");
        var (exitCode, output) = await RestoreAsync(Listed);
        Assert.NotEqual(0, exitCode);
        Assert.All(Listed, advisory => Assert.Contains(advisory, output, StringComparison.Ordinal));
    }

    private static IReadOnlyList<string> Listed { get; } =
        [.. XDocument.Load(Repository.File("eng", "advisories.props")).Descendants("NuGetAuditSuppress").Select(e => e.Attribute("Include")!.Value)];

    private async Task<(int ExitCode, string Output)> RestoreAsync(IEnumerable<string> advisories)
    {
        await using var feed = await AdvisoryFeed.StartAsync(ImageSharp, advisories);
        await File.WriteAllTextAsync(folder["NuGet.config"], $"""
            <configuration>
              <packageSources>
                <clear />
                <add key="loopback" value="{feed.Index}" protocolVersion="3" allowInsecureConnections="true" />
              </packageSources>
              <auditSources>
                <clear />
              </auditSources>
            </configuration>
            """);
        var start = new ProcessStartInfo("dotnet", ["restore", folder["src/MultiModal.Decoder"], "-nodeReuse:false"]);

        // What `dotnet test` tells its own MSBuild is not for this one.
        var told = start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList();
        told.ForEach(name => start.Environment.Remove(name));
        start.Environment["NUGET_HTTP_CACHE_PATH"] = folder["http-cache"];
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        await using var restore = ChildProcess.Start(start);
        var exitCode = await restore.EndAsync();
        return (exitCode, await restore.Output + await restore.Errors);
    }
}
