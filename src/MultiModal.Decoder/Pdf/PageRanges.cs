using System.Globalization;
using System.Text;

namespace MultiModal.Decoder.Pdf;

/// <summary>Formats page numbers as ranges: <c>1, 3-5, 9</c>.</summary>
internal static class PageRanges
{
    /// <param name="pages">Page numbers in rising order, each once.</param>
    public static string Format(IReadOnlyList<int> pages)
    {
        var text = new StringBuilder();
        for (var i = 0; i < pages.Count; i++)
        {
            var first = pages[i];
            while (i + 1 < pages.Count && pages[i + 1] == pages[i] + 1) i++;
            text.Append(text.Length == 0 ? "" : ", ").Append(CultureInfo.InvariantCulture, $"{first}");
            if (pages[i] > first) text.Append(CultureInfo.InvariantCulture, $"-{pages[i]}");
        }

        return text.ToString();
    }
}
