using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace MultiModal.Web.Reports;

/// <summary>A format in which reports are stored.</summary>
internal sealed record ReportFormat(string MediaType, string ContentType, string Extension)
{
    public static ReportFormat Json { get; } = new("application/json", "application/json", "json");

    public static ReportFormat Markdown { get; } = new("text/markdown", "text/markdown; charset=utf-8", "md");

    /// <summary>
    /// Chooses the caller's preferred format (RFC 9110, 12.5.1): by quality, then by the precision of the range, then JSON. JSON is also
    /// the choice without a readable Accept header.
    /// </summary>
    /// <returns>The format; null if none is acceptable.</returns>
    public static ReportFormat? Choose(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var ranges) || ranges.Count == 0) return Json;
        var json = Preference(Json, ranges);
        var markdown = Preference(Markdown, ranges);
        if (json.Quality <= 0 && markdown.Quality <= 0) return null;
        return markdown.CompareTo(json) > 0 ? Markdown : Json;
    }

    /// <summary>Finds the quality of a format: the most precise range that includes it decides.</summary>
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
