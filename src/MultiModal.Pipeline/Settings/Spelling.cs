namespace MultiModal.Pipeline.Settings;

/// <summary>How far a word that is not known is from the words that are.</summary>
internal static class Spelling
{
    /// <returns>The word that is nearest, regardless of case; null if all of them differ in more than a third of their letters.</returns>
    public static string? Nearest(string word, IEnumerable<string> words)
    {
        var nearest = words.Select(known => (Word: known, Distance: Distance(word, known))).DefaultIfEmpty().MinBy(known => known.Distance);
        return nearest.Word is { } found && nearest.Distance * 3 <= Math.Max(word.Length, found.Length) ? found : null;
    }

    /// <summary>
    /// The number of letters that must be added, removed, replaced or swapped with their neighbour to make one word of the other, regardless of
    /// case. This is the optimal string alignment distance.
    /// </summary>
    public static int Distance(string one, string other)
    {
        var (a, b) = (one.ToUpperInvariant(), other.ToUpperInvariant());
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(replaced, 1 + Math.Min(rows[i - 1, j], rows[i, j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }

        return rows[a.Length, b.Length];
    }
}
