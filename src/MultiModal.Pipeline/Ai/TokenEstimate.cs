namespace MultiModal.Pipeline.Ai;

/// <summary>An upper estimate of the number of tokens in a text, without any model's vocabulary.</summary>
public static class TokenEstimate
{
    /// <summary>
    /// Counts one token for each three ASCII characters, rounded up, and one for each other character. English prose averages four
    /// characters a token (OpenAI, "What are tokens and how to count them?"), CJK about one: the estimate errs high, so
    /// that a text which fits by the estimate does fit.
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
