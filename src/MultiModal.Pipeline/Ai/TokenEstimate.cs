namespace MultiModal.Pipeline.Ai;

/// <summary>An upper estimate of how many tokens a text takes, without any model's vocabulary at hand.</summary>
public static class TokenEstimate
{
    /// <summary>
    /// One token for each three ASCII characters and one for each other character begun. English prose averages four
    /// characters a token (OpenAI, "What are tokens and how to count them?"), CJK about one: the estimate errs high, so
    /// that what fits by it fits.
    /// </summary>
    public static int ForText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ascii = 0;
        var other = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii) ascii++;
            else other += rune.Value > 0xFFFF ? 3 : 1;
        }

        return ((ascii + 2) / 3) + other;
    }
}
