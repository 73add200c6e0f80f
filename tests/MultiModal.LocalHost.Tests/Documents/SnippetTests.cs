using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using MultiModal.LocalHost.Commands;
using MultiModal.LocalHost.Hosting;
using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Ai.Selection;
using MultiModal.Pipeline.Costs;
using Spectre.Console;

namespace MultiModal.LocalHost.Tests.Documents;

/// <summary>The commands in the documents work: they are run, or as much of them is checked as can be here.</summary>
[Collection(SharedAzurite.Name)]
public sealed partial class SnippetTests(AzuriteFixture azurite)
{
    /// <summary>What the reader's own commands make: git ignores it.</summary>
    private static readonly string[] MadeByTheReader = ["src/MultiModal.Functions/local.settings.json", "src/MultiModal.Functions/bin/Debug/net10.0"];

    private const string DocumentedAddress = "http://127.0.0.1:7080";

    [Fact]
    public async Task Every_block_is_valid_bash()
    {
        var snippets = Snippet.All().ToList();
        Assert.NotEmpty(snippets);
        foreach (var snippet in snippets) await Tool.RunAsync("bash", "-n", "-c", snippet.Text);
    }

    [Fact]
    public void Every_file_that_a_command_names_is_in_the_repository()
    {
        var named = RepositoryFile.Documents().Select(document => (document, Text: RepositoryFile.Read(document)))
            .SelectMany(page => NamedFile().Matches(page.Text).Select(m => (page.document, File: m.Groups["file"].Value)))
            .Where(mention => !MadeByTheReader.Contains(mention.File));
        Assert.All(named, mention => Assert.True(Path.Exists(Repository.File(mention.File)), $"{mention.document} names {mention.File}."));
    }

    [Theory]
    [InlineData("run")]
    [InlineData("test")]
    public async Task The_scripts_explain_every_option_that_a_document_gives_them(string script)
    {
        var help = await Tool.RunAsync(Repository.File(script), "--help");
        var options =
            RepositoryFile.Documents().SelectMany(document => Regex.Matches(RepositoryFile.Read(document), $@"\./{script} (?<option>--\w+)"))
                .Select(m => m.Groups["option"].Value);
        Assert.All(options, option => Assert.Contains(option, help, StringComparison.Ordinal));
    }

    [Fact]
    public void The_readmes_table_has_the_commands_of_the_command_line_with_their_options()
    {
        var section = RepositoryFile.Read("README.md").Split("\n## Command line")[1].Split("\n## ")[0];
        var rows = CommandRow().Matches(section).Select(m => m.Groups["command"].Value.Split(' ')).ToList();
        var commands = CommandLine.Commands(AnsiConsole.Console, AnsiConsole.Console).Subcommands;
        Assert.Equal(commands.Select(c => c.Name).Order(StringComparer.Ordinal), rows.Select(r => r[0]).Order(StringComparer.Ordinal));
        foreach (var row in rows)
        {
            var command = commands.Single(c => c.Name == row[0]);
            var words = row[1..].Select(word => word.Trim('[', ']', '<', '>')).ToList();
            Assert.Equal(command.Arguments.Select(a => a.Name), words.Where(w => command.Arguments.Any(a => a.Name == w)));
            Assert.All(
                words.Where(w => w.StartsWith("--", StringComparison.Ordinal)), option => Assert.Contains(command.Options, o => o.Name == option));
        }
    }

    [Fact]
    public async Task Every_command_of_the_local_host_that_ends_by_itself_succeeds()
    {
        var settings = RunningHost.Settings(azurite.NewConnectionString(), simulator: null);
        var commands = Snippet.LocalHostCommands().Where(c => c.Arguments is not ([] or ["serve"])).ToList();
        Assert.NotEmpty(commands);
        foreach (var (document, arguments) in commands)
        {
            var command = arguments.Select(a => Path.Exists(Repository.File(a)) ? Repository.File(a) : a).ToList();
            var (exitCode, _, errors) = await LocalHostProgram.RunAsync(command, settings);
            Assert.True(exitCode == ExitCode.Success, $"{document}: {string.Join(' ', arguments)} ended with {exitCode}. {errors}");
        }
    }

    [Fact]
    public async Task The_calls_of_the_readme_are_answered_as_it_says()
    {
        // However long the calls take, the batch does not start between two of them.
        await using var host = await RunningHost.StartAsync(azurite.NewConnectionString(), simulator: null, "Pipeline:QuietPeriod=00:10:00");
        var calls = Snippet.All().Single(s => s.Document == "README.md" && s.Text.Contains("curl", StringComparison.Ordinal)).Commands.ToList();
        var answers = new List<string>();
        foreach (var call in calls)
        {
            answers.Add(await CallAsync(host, call));

            // A reader looks at the batch until it has run.
            if (call.Contains("/start", StringComparison.Ordinal)) await host.RestedAsync("holiday");
        }

        Assert.Contains("\"batch\":\"holiday\"", answers[0], StringComparison.Ordinal);
        Assert.Contains("\"status\":\"succeeded\"", answers[^2], StringComparison.Ordinal);
        Assert.Contains("Batch **holiday**, run 1", answers[^1], StringComparison.Ordinal);
        Assert.Contains("note.md", answers[^1], StringComparison.Ordinal);
    }

    /// <summary>Azurite 3.35 refuses the API version that the storage packages send, unless it is told not to check it.</summary>
    [Fact]
    public async Task Azurite_is_started_with_options_that_it_has_and_that_the_hosts_need()
    {
        var help = await Tool.RunAsync(Repository.File("node_modules/.bin/azurite"), "--help");
        var starts = Snippet.All().SelectMany(s => s.Commands).Where(c => c.Contains("npx azurite", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(starts);
        Assert.All(starts, start => Assert.Contains("--skipApiVersionCheck", start, StringComparison.Ordinal));
        Assert.All(starts.SelectMany(start => Option().Matches(start)), option => Assert.Contains(option.Value, help, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_price_book_that_the_costs_page_shows_can_be_used()
    {
        using var folder = new TemporaryFolder();
        var shown = RepositoryFile.Read("docs/costs.md").Split("```json\n")[1].Split("```")[0];
        await File.WriteAllTextAsync(folder["prices.json"], shown);
        Assert.NotNull(PriceBook.Open(folder["prices.json"], ModelCatalogue.BuiltIn));
    }

    [Fact]
    public async Task The_catalogue_that_the_page_of_models_shows_can_be_used()
    {
        using var folder = new TemporaryFolder();
        var shown = RepositoryFile.Read("docs/models.md").Split("```json\n")[1].Split("```")[0];
        await File.WriteAllTextAsync(folder["models.json"], shown);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Models:Catalogue", folder["models.json"])]).Build();
        var choice = new CatalogueChoice(configuration);
        Assert.Empty(choice.Problems);
        Assert.NotNull(choice.Catalogue.Find("gpt-7-mini", ModelCapability.Chat));
        var line = RepositoryFile.Read("docs/models.md").Split("there    models   ")[1].Split('\n')[0];
        Assert.Equal(line.Replace("/etc/multimodal/models.json", folder["models.json"], StringComparison.Ordinal), choice.ToString());
    }

    private static Task<string> CallAsync(RunningHost host, string call)
    {
        Assert.StartsWith("curl ", call, StringComparison.Ordinal);
        Assert.Contains(DocumentedAddress, call, StringComparison.Ordinal);
        var here = call.Replace(DocumentedAddress, host.Http.BaseAddress!.ToString().TrimEnd('/'), StringComparison.Ordinal);
        return Tool.RunAsync(
            "bash", "-c", $"cd '{Repository.Root}' && curl --silent --show-error --fail-with-body --max-time 60 {here["curl ".Length..]}");
    }

    [GeneratedRegex(
        @"(--project |dotnet (build|test|publish) |`|\(|cp )(?<file>(src|tests|samples|scripts|infra)/[\w./-]*\w)", RegexOptions.ExplicitCapture)]
    private static partial Regex NamedFile();

    [GeneratedRegex(@"^\| `(?<command>[a-z]+[^`]*)` \|", RegexOptions.Multiline)]
    private static partial Regex CommandRow();

    [GeneratedRegex("--[A-Za-z]+")]
    private static partial Regex Option();
}
