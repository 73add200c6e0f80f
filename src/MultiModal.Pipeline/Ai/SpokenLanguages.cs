namespace MultiModal.Pipeline.Ai;

/// <summary>
/// Names of languages as transcription models write them (whisper's verbose_json says "english") and their ISO 639-1 codes.
/// Source: openai/whisper, whisper/tokenizer.py, LANGUAGES; only those with a two-letter code.
/// </summary>
internal static class SpokenLanguages
{
    private const string Table =
        """
        en english, zh chinese, de german, es spanish, ru russian, ko korean, fr french, ja japanese, pt portuguese, tr turkish,
        pl polish, ca catalan, nl dutch, ar arabic, sv swedish, it italian, id indonesian, hi hindi, fi finnish, vi vietnamese,
        he hebrew, uk ukrainian, el greek, ms malay, cs czech, ro romanian, da danish, hu hungarian, ta tamil, no norwegian,
        th thai, ur urdu, hr croatian, bg bulgarian, lt lithuanian, la latin, mi maori, ml malayalam, cy welsh, sk slovak,
        te telugu, fa persian, lv latvian, bn bengali, sr serbian, az azerbaijani, sl slovenian, kn kannada, et estonian, mk macedonian,
        br breton, eu basque, is icelandic, hy armenian, ne nepali, mn mongolian, bs bosnian, kk kazakh, sq albanian, sw swahili,
        gl galician, mr marathi, pa punjabi, si sinhala, km khmer, sn shona, yo yoruba, so somali, af afrikaans, oc occitan,
        ka georgian, be belarusian, tg tajik, sd sindhi, gu gujarati, am amharic, yi yiddish, lo lao, uz uzbek, fo faroese,
        ps pashto, tk turkmen, nn nynorsk, mt maltese, sa sanskrit, lb luxembourgish, my myanmar, bo tibetan, tl tagalog, mg malagasy,
        as assamese, tt tatar, ln lingala, ha hausa, ba bashkir, jv javanese, su sundanese
        """;

    private static readonly Dictionary<string, string> NamesByCode = Table
        .Split(',', StringSplitOptions.TrimEntries)
        .Select(row => row.Split(' '))
        .ToDictionary(row => row[0], row => row[1], StringComparer.OrdinalIgnoreCase);

    private static readonly Dictionary<string, string> CodesByName =
        NamesByCode.ToDictionary(pair => pair.Value, pair => pair.Key, StringComparer.OrdinalIgnoreCase);

    /// <summary>The language's name in English and lowercase; null for a code that is not in the table.</summary>
    public static string? NameOf(string code) => NamesByCode.GetValueOrDefault(code);

    /// <summary>The code for a name, a code, or a code with a region ("pt-BR"); null for anything else.</summary>
    public static string? CodeOf(string? language)
    {
        if (language is null) return null;
        if (CodesByName.TryGetValue(language, out var code)) return code;
        var primary = language.Split('-', '_')[0];
        return NamesByCode.ContainsKey(primary) ? primary.ToLowerInvariant() : null;
    }
}
