using System.Globalization;

namespace MultiModal.Pipeline.Ai.Offline;

/// <summary>One reading of a picture. Only those words count that tesseract is reasonably sure of: textures read as letters are not text.</summary>
/// <param name="Lines">Lines of confident words, in the order in which tesseract reads them.</param>
/// <param name="Confident">Characters of the confident words.</param>
/// <param name="All">Characters of all words.</param>
internal sealed record OcrReading(IReadOnlyList<OcrLine> Lines, int Confident, int All)
{
    /// <summary>Smallest confidence, of 100. Words on paper and screens have 90 and more, grain and foliage 0 to 50.</summary>
    private const double LeastConfidence = 55;

    private const int Columns = 12;

    public static OcrReading Nothing { get; } = new([], 0, 0);

    /// <summary>Whether nine tenths of what was read is confident.</summary>
    public bool IsSure => Confident > 0 && Confident >= 0.9 * All;

    public string Text => string.Join('\n', Lines.Select(line => line.Text));

    /// <param name="tsv">Tesseract's TSV: a row for each page, block, paragraph, line and word; words are level 5.</param>
    /// <param name="top">Distance of the part that was read from the top of the picture, in pixels.</param>
    public static OcrReading Read(string tsv, int top = 0)
    {
        var lines = new List<OcrLine>();
        var words = new List<OcrWord>();
        var (confident, all) = (0, 0);
        var current = "";
        foreach (var row in tsv.Split('\n'))
        {
            var cells = row.TrimEnd('\r').Split('\t', Columns);
            if (cells.Length < Columns || cells[0] != "5" || !double.TryParse(cells[10], CultureInfo.InvariantCulture, out var confidence)) continue;
            var text = cells[11].Trim();
            all += text.Length;
            if (text.Length == 0 || confidence < LeastConfidence) continue;
            confident += text.Length;
            var line = string.Join(' ', cells[1..5]);
            if (line != current) EndLine();
            current = line;
            words.Add(new OcrWord(text, Number(cells[6]), Number(cells[7]) + top, Number(cells[8]), Number(cells[9])));
        }

        EndLine();
        return new OcrReading(lines, confident, all);

        void EndLine()
        {
            if (words.Count > 0) lines.Add(new OcrLine([.. words]));
            words.Clear();
        }

        static int Number(string cell) => int.TryParse(cell, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    /// <summary>What follows below in the same picture.</summary>
    public OcrReading Then(OcrReading next) => new([.. Lines, .. next.Lines], Confident + next.Confident, All + next.All);

    /// <summary>
    /// Adds the words of another reading of the same picture that stand where this one has none: to the line that they continue, or as a line of
    /// their own, before the first line that is below it. The order of this reading stays.
    /// </summary>
    public OcrReading With(OcrReading other)
    {
        var lines = Lines.ToList();
        var added = 0;
        foreach (var line in other.Lines.OrderBy(l => l.Top).ThenBy(l => l.Left))
        {
            OcrWord[] missing = [
                .. line.Words.Where(word => !Lines.Any(known => known.Words.Any(word.Covers))).OrderBy(word => word.Left)];
            if (missing.Length == 0) continue;
            added += missing.Sum(word => word.Text.Length);
            var part = new OcrLine(missing);
            var same = lines.FindIndex(part.IsBeside);
            if (same >= 0)
            {
                lines[same] = new OcrLine([.. lines[same].Words.Concat(missing).OrderBy(word => word.Left)]);
                continue;
            }

            var next = lines.FindIndex(known => known.Top >= part.Bottom && known.IsUnder(part));
            if (next < 0) next = lines.FindLastIndex(known => known.Bottom <= part.Top) + 1;
            lines.Insert(next, part);
        }

        return new OcrReading(lines, Confident + added, Math.Max(All, Confident + added));
    }
}

/// <summary>A word and the box that it stands in, in pixels.</summary>
internal readonly record struct OcrWord(string Text, int Left, int Top, int Width, int Height)
{
    public int Right => Left + Width;

    public int Bottom => Top + Height;

    /// <summary>Whether a third of the smaller box lies in the other.</summary>
    public bool Covers(OcrWord other)
    {
        long across = Math.Min(Right, other.Right) - Math.Max(Left, other.Left), down = Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top);
        return across > 0 && down > 0 && 3 * across * down > Math.Min((long)Width * Height, (long)other.Width * other.Height);
    }
}

/// <summary>Words that stand side by side; never none.</summary>
internal sealed record OcrLine(IReadOnlyList<OcrWord> Words)
{
    public string Text => string.Join(' ', Words.Select(word => word.Text));

    public int Left => Words.Min(word => word.Left);

    public int Right => Words.Max(word => word.Right);

    public int Top => Words.Min(word => word.Top);

    public int Bottom => Words.Max(word => word.Bottom);

    /// <summary>Whether this continues the other line: at the same height, and no further away than three times its height.</summary>
    public bool IsBeside(OcrLine other)
    {
        var (height, otherHeight) = (Bottom - Top, other.Bottom - other.Top);
        var shared = Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top);
        var gap = Math.Max(Left, other.Left) - Math.Min(Right, other.Right);
        return 2 * shared > Math.Min(height, otherHeight) && gap <= 3 * Math.Max(height, otherHeight);
    }

    /// <summary>Whether the two lines share a column.</summary>
    public bool IsUnder(OcrLine other) => Left < other.Right && other.Left < Right;
}
