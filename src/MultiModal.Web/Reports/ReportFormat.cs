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
            .Where(range => Includes(range, type))
            .Select(range => (Quality: range.Quality ?? 1, Precision: PrecisionOf(range)))
            .OrderByDescending(range => range.Precision)
            .FirstOrDefault();
    }

    /// <summary>
    /// Whether a range includes a type. Reports are UTF-8, so that a range with another charset includes none; they have no variants that other
    /// parameters could choose between.
    /// </summary>
    private static bool Includes(MediaTypeHeaderValue range, MediaTypeHeaderValue type)
    {
        var charset = HeaderUtilities.RemoveQuotes(range.Charset);
        return (range.MatchesAllTypes || range.Type.Equals(type.Type, StringComparison.OrdinalIgnoreCase))
            && (range.MatchesAllSubTypes || range.SubType.Equals(type.SubType, StringComparison.OrdinalIgnoreCase))
            && (!charset.HasValue || charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase));
    }

    private static int PrecisionOf(MediaTypeHeaderValue range) =>
        range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : range.Charset.HasValue ? 3 : 2;
}
