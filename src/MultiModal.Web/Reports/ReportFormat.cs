using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace MultiModal.Web.Reports;

/// <summary>The forms that a report lies there in.</summary>
internal sealed record ReportFormat(string MediaType, string ContentType, string Extension)
{
    public static ReportFormat Json { get; } = new("application/json", "application/json", "json");

    public static ReportFormat Markdown { get; } = new("text/markdown", "text/markdown; charset=utf-8", "md");

    /// <summary>
    /// What the caller likes best (RFC 9110, 12.5.1): by quality, then by how precisely it was asked for, then JSON. Without
    /// an Accept header that can be read: JSON.
    /// </summary>
    /// <returns>Null where neither is acceptable.</returns>
    public static ReportFormat? Choose(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var ranges) || ranges.Count == 0) return Json;
        var json = Preference(Json, ranges);
        var markdown = Preference(Markdown, ranges);
        if (json.Quality <= 0 && markdown.Quality <= 0) return null;
        return markdown.CompareTo(json) > 0 ? Markdown : Json;
    }

    /// <summary>The most precise range that names the format decides its quality.</summary>
    private static (double Quality, int Precision) Preference(ReportFormat format, IList<MediaTypeHeaderValue> ranges)
    {
        var type = MediaTypeHeaderValue.Parse(format.MediaType);
        return ranges
            .Where(type.IsSubsetOf)
            .Select(r => (Quality: r.Quality ?? 1, Precision: r.MatchesAllTypes ? 0 : r.MatchesAllSubTypes ? 1 : 2))
            .OrderByDescending(r => r.Precision)
            .FirstOrDefault();
    }
}
