using System.Text.RegularExpressions;

namespace MultiModal.Pipeline;

/// <summary>
/// Addresses that permit something to whoever knows them, by a signature in their query. Such a signature stands in no log line of this product,
/// whoever writes the line.
/// </summary>
public static partial class SignedAddress
{
    /// <summary>Name of the signature in the query.</summary>
    public const string Parameter = "signature";

    /// <summary>Whether a text holds a signature.</summary>
    public static bool IsIn(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Contains($"{Parameter}=", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Returns a text without its signatures.</summary>
    public static string Hide(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return IsIn(text) ? Signature().Replace(text, "…") : text;
    }

    [GeneratedRegex($"(?<={Parameter}=)[^&\\s\"']+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Signature();
}
