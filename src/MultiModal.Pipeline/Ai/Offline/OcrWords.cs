using System.Globalization;
using System.Text;

namespace MultiModal.Pipeline.Ai.Offline;

/// <summary>The words of one reading. Only those count that tesseract is reasonably sure of: textures read as letters are not text.</summary>
/// <param name="Text">The confident words, in lines separated by "\n".</param>
/// <param name="Confident">Characters of the confident words.</param>
/// <param name="All">Characters of all words.</param>
internal readonly record struct OcrWords(string Text, int Confident, int All)
{
    /// <summary>Smallest confidence, of 100. Words on paper and screens have 90 and more, grain and foliage 0 to 50.</summary>
    private const double LeastConfidence = 55;

    private const int Columns = 12;

    /// <summary>Whether nine tenths of what was read is confident.</summary>
    public bool IsSure => Confident > 0 && Confident >= 0.9 * All;

    /// <param name="tsv">Tesseract's TSV: a row for each page, block, paragraph, line and word; words are level 5.</param>
    public static OcrWords Read(string tsv)
    {
        var text = new StringBuilder();
        var (confident, all) = (0, 0);
        var line = "";
        foreach (var row in tsv.Split('\n'))
        {
            var cells = row.TrimEnd('\r').Split('\t', Columns);
            if (cells.Length < Columns || cells[0] != "5" || !double.TryParse(cells[10], CultureInfo.InvariantCulture, out var confidence)) continue;
            var word = cells[11].Trim();
            all += word.Length;
            if (word.Length == 0 || confidence < LeastConfidence) continue;
            var ofLine = string.Join(' ', cells[1..5]);
            if (text.Length > 0) text.Append(ofLine == line ? ' ' : '\n');
            line = ofLine;
            text.Append(word);
            confident += word.Length;
        }

        return new OcrWords(text.ToString(), confident, all);
    }
}
