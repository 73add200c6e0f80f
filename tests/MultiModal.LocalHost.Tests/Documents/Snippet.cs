using System.Text.RegularExpressions;

namespace MultiModal.LocalHost.Tests.Documents;

/// <summary>A block of bash in a document: what a reader types.</summary>
/// <param name="Document">Relative to the top folder.</param>
/// <param name="Text">Without the fence.</param>
internal sealed partial record Snippet(string Document, string Text)
{
    /// <summary>The lines that are commands, without comments behind them.</summary>
    public IEnumerable<string> Commands => Text.Split('\n').Select(line => Comment().Replace(line, "").Trim()).Where(line => line.Length > 0);

    public static IEnumerable<Snippet> All() => RepositoryFile.Documents()
        .SelectMany(document => Block().Matches(RepositoryFile.Read(document)).Select(block => new Snippet(document, block.Groups["text"].Value)));

    /// <summary>The arguments of each command of the local host that a block starts by <c>dotnet run</c>.</summary>
    public static IEnumerable<(string Document, string[] Arguments)> LocalHostCommands() => All()
        .SelectMany(
            snippet => snippet.Commands.Where(line => line.StartsWith(LocalHostRun, StringComparison.Ordinal))
                .Select(line => (snippet.Document, Arguments(line))));

    private const string LocalHostRun = "dotnet run --project src/MultiModal.LocalHost";

    private static string[] Arguments(string line) =>
        line.Split(" -- ") is [_, var arguments] ? arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];

    [GeneratedRegex(@"^```bash\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"(^|\s)#.*$")]
    private static partial Regex Comment();
}
