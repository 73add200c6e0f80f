using System.Text;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Runs;

/// <summary>
/// Joins what was seen in the tiles of an image, in reading order. Lines that two tiles show, because there was no white space to cut at, are there
/// once.
/// </summary>
public static class TileStitcher
{
    /// <summary>Lines at a seam in which doubles are looked for.</summary>
    private const int MostLines = 6;

    /// <summary>Lines that were cut through, at the end of a tile and at the beginning of the next, of which nothing good is read.</summary>
    private const int MostCutLines = 1;

    /// <summary>Share of letters in which two readings of one line differ at most.</summary>
    private const double MostDifferent = 0.34;

    /// <param name="tiles">The tiles.</param>
    /// <param name="analyses">One analysis for each tile; null for a tile that was lost. One at least is there.</param>
    public static ImageAnalysis Stitch(IReadOnlyList<ImageTile> tiles, IReadOnlyList<ImageAnalysis?> analyses)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        ArgumentNullException.ThrowIfNull(analyses);
        ArgumentOutOfRangeException.ThrowIfNotEqual(analyses.Count, tiles.Count);
        var seen = analyses.OfType<ImageAnalysis>().ToList();
        var descriptions = seen.Select(a => a.Description?.Trim()).OfType<string>().Where(d => d.Length > 0)
            .Distinct(StringComparer.Ordinal).ToList();
        var lines = new List<string>();
        for (var at = 0; at < tiles.Count; at++)
        {
            if (analyses[at] is not { } analysis) continue;
            var next = analysis.Text.Split('\n').ToList();
            if (at > 0 && analyses[at - 1] is not null && tiles[at].Overlaps(tiles[at - 1])) DropDoubles(lines, next);
            lines.AddRange(next);
        }

        return new ImageAnalysis(
            descriptions.Count == 0 ? null : string.Join('\n', descriptions),
            string.Join('\n', lines).Trim('\n'),
            [.. seen.SelectMany(a => a.Tags).Distinct(StringComparer.Ordinal)],
            seen.Exists(a => a.Cut));
    }

    /// <summary>Drops the lines at a seam that both tiles show, from the later one, and what is left of lines that were cut through.</summary>
    private static void DropDoubles(List<string> above, List<string> below)
    {
        above.RemoveAll(string.IsNullOrWhiteSpace);
        below.RemoveAll(string.IsNullOrWhiteSpace);
        for (var count = Math.Min(MostLines, Math.Min(above.Count, below.Count)); count > 0; count--)
        {
            for (var cut = 0; cut <= 2 * MostCutLines; cut++)
            {
                // The cut lines are at the end of the upper tile, at the beginning of the lower one, or at both.
                foreach (var (end, begin) in new[] { (cut / 2, cut - (cut / 2)), (cut - (cut / 2), cut / 2) })
                {
                    if (end > MostCutLines || begin > MostCutLines || above.Count < end + count || below.Count < begin + count) continue;
                    var from = above.Count - end - count;
                    if (!Enumerable.Range(0, count).All(line => AreOne(above[from + line], below[begin + line]))) continue;
                    above.RemoveRange(above.Count - end, end);
                    below.RemoveRange(0, begin + count);
                    return;
                }
            }
        }
    }

    private static bool AreOne(string line, string other)
    {
        var (a, b) = (Letters(line), Letters(other));
        var longer = Math.Max(a.Length, b.Length);
        return longer > 0 && Math.Abs(a.Length - b.Length) <= MostDifferent * longer && Distance(a, b) <= MostDifferent * longer;
    }

    private static string Letters(string line)
    {
        var letters = new StringBuilder(line.Length);
        foreach (var letter in line.Where(char.IsLetterOrDigit)) letters.Append(char.ToLowerInvariant(letter));
        return letters.ToString();
    }

    /// <summary>Fewest letters to change, add and leave out (Levenshtein, 1966).</summary>
    private static int Distance(string a, string b)
    {
        var costs = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var before = costs[0]++;
            for (var j = 1; j <= b.Length; j++)
            {
                var swap = before + (a[i - 1] == b[j - 1] ? 0 : 1);
                before = costs[j];
                costs[j] = Math.Min(swap, 1 + Math.Min(before, costs[j - 1]));
            }
        }

        return costs[^1];
    }
}
