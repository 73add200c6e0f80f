using Microsoft.AspNetCore.Http;
using MultiModal.Web.Edge;

namespace MultiModal.Web.Dashboard;

/// <summary>
/// The dashboard: one page, its style and its script. They contain no user data and need no key. The page gets its data from the API,
/// with the key that it asks the user for.
/// </summary>
public sealed class DashboardPages
{
    private readonly EmbeddedFile page = EmbeddedFile.Load("dashboard/index.html", "text/html; charset=utf-8");

    private readonly Dictionary<string, EmbeddedFile> files = new(StringComparer.Ordinal)
    {
        ["dashboard.css"] = EmbeddedFile.Load("dashboard/dashboard.css", "text/css; charset=utf-8"),
        ["dashboard.js"] = EmbeddedFile.Load("dashboard/dashboard.js", "text/javascript; charset=utf-8"),
        ["visible.js"] = EmbeddedFile.Load("dashboard/visible.js", "text/javascript; charset=utf-8"),
        ["icon.svg"] = EmbeddedFile.Load("dashboard/icon.svg", "image/svg+xml"),
    };

    /// <summary><c>GET /</c></summary>
    public IResult Page() => Answer(page);

    /// <summary><c>GET /dashboard/{file}</c></summary>
    public IResult File(string file) => files.TryGetValue(file, out var known) ? Answer(known) : TypedResults.NotFound();

    private static IResult Answer(EmbeddedFile file) => file.Answer().AsPage().With("Cache-Control", "no-cache");
}
