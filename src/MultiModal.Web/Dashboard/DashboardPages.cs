using Microsoft.AspNetCore.Http;
using MultiModal.Web.Edge;

namespace MultiModal.Web.Dashboard;

/// <summary>
/// The dashboard: one page, its styles and its modules. They contain no user data and need no key. The page gets its data from the API,
/// with the key that it asks the user for.
/// </summary>
public sealed class DashboardPages
{
    private const string Folder = "dashboard/";
    private const string PageName = "index.html";

    private readonly Dictionary<string, EmbeddedFile> files = typeof(DashboardPages).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
        .ToDictionary(name => name[Folder.Length..], name => EmbeddedFile.Load(name, ContentTypeOf(name)), StringComparer.Ordinal);

    /// <summary><c>GET /</c></summary>
    public IResult Page() => Answer(files[PageName]);

    /// <summary><c>GET /dashboard/{file}</c></summary>
    public IResult File(string file) => file != PageName && files.TryGetValue(file, out var known) ? Answer(known) : Answers.Problem(
        ProblemCodes.NotFound, "The dashboard has no such file.");

    private static string ContentTypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => throw new InvalidOperationException($"{name} is of no kind that the dashboard serves."),
    };

    private static IResult Answer(EmbeddedFile file) => file.Answer().AsPage().With("Cache-Control", "no-cache");
}
