namespace AzureOpenAISimulator.Metering;

/// <summary>Tokens of a text by OpenAI's rule of thumb: four characters of English are one; a character outside ASCII counts as one.</summary>
public static class TextTokens
{
    /// <summary>
    /// Three tokens frame a message and one is its role, three prime the answer ("How to count tokens with tiktoken", OpenAI cookbook;
    /// "Hello, world!" was 11 in HelloWorldChat).
    /// </summary>
    public const int PerMessage = 4;

    public const int PerAnswer = 3;

    public static int Of(string text)
    {
        var ascii = text.Count(char.IsAscii);
        return (ascii + 3) / 4 + (text.Length - ascii);
    }

    /// <returns>The longest beginning of a text that is no more than so many tokens.</returns>
    public static string First(string text, int tokens)
    {
        int ascii = 0, others = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (char.IsAscii(text[at])) ascii++;
            else others++;
            if ((ascii + 3) / 4 + others > tokens) return text[..at];
        }
        return text;
    }
}
