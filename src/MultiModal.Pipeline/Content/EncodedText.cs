namespace MultiModal.Pipeline.Content;

/// <summary>Recognises files that are text only because other data is written in letters: base64, data URLs, PEM.</summary>
internal static class EncodedText
{
    /// <summary>Fewer characters may be a word.</summary>
    private const int LeastLength = 256;

    /// <summary>Lines of base64 have 76 characters in mail (RFC 2045, 6.8) and 64 in PEM (RFC 7468, 2), or it is one line.</summary>
    private const int LeastLine = 60;

    /// <summary>Random data has nearly all 64 characters; an upper-case word list or a sequence of genes has fewer.</summary>
    private const int LeastDistinct = 32;

    private const int LongestDataUrlHead = 200;
    private const string Base64Mark = ";base64,";

    /// <param name="text">The beginning of a text.</param>
    /// <returns>What it is, and the data at its beginning (empty if it is not decoded); null for a text that is meant to be read.</returns>
    public static (string What, byte[] Data)? Recognise(string text)
    {
        var body = text.AsSpan().Trim().TrimStart('\uFEFF').Trim();
        if (body.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            var mark = body[..Math.Min(body.Length, LongestDataUrlHead)].IndexOf(Base64Mark, StringComparison.OrdinalIgnoreCase);
            return mark > 0 && IsBase64(body[(mark + Base64Mark.Length)..], out var data) ? ("a data URL", data) : null;
        }

        if (body.StartsWith("-----BEGIN ", StringComparison.Ordinal))
        {
            var firstLine = body.IndexOf('\n');
            var end = body.IndexOf("-----END ", StringComparison.Ordinal);
            return firstLine > 0 && IsBase64(body[firstLine..(end < firstLine ? body.Length : end)], out _)
                ? ("a certificate or a key in PEM form", [])
                : null;
        }

        return IsBase64(body, out var decoded) ? ("base64", decoded) : null;
    }

    private static bool IsBase64(ReadOnlySpan<char> text, out byte[] data)
    {
        data = [];
        var digits = new List<char>(text.Length);
        var (line, usual, ended) = (0, 0, false);
        var distinct = new HashSet<char>();
        foreach (var c in text)
        {
            if (c is '\n' or '\r')
            {
                // All lines are as long as the first but for the last, which the head of a file may have cut.
                if (line == 0) continue;
                if (usual == 0) usual = line;
                if (line > usual || ended) return false;
                ended = line < usual;
                line = 0;
                continue;
            }

            if (c == '=') continue;
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '/' or '-' or '_')) return false;
            if (ended) return false;
            line++;
            distinct.Add(c);
            digits.Add(c switch { '-' => '+', '_' => '/', _ => c });
        }

        if (digits.Count < LeastLength || distinct.Count < LeastDistinct || (usual > 0 && (usual < LeastLine || line > usual))) return false;
        if (!distinct.Any(char.IsAsciiLetterUpper) || !distinct.Any(char.IsAsciiLetterLower)) return false;
        data = Convert.FromBase64CharArray([.. digits], 0, digits.Count / 4 * 4);
        return true;
    }
}
