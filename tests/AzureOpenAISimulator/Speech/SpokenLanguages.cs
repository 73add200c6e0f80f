using System.Text.RegularExpressions;

namespace AzureOpenAISimulator.Speech;

/// <summary>Codes of languages as transcription takes them.</summary>
public static partial class SpokenLanguages
{
    /// <summary>ISO 639-1, as the Library of Congress registers it.</summary>
    private static readonly HashSet<string> TwoLetters =
    [
        .. """
            aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es
            et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj
            kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv
            ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti
            tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
            """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
    ];

    /// <summary>Of ISO 639-3 "some" are taken, which ones is not published: these are languages that have no code of two letters.</summary>
    private static readonly HashSet<string> ThreeLetters = ["ast", "ceb", "fil", "haw", "kea", "ckb", "nso", "umb", "yue"];

    private static readonly HashSet<string> ChineseLocales = new(["zh-CN", "zh-HK", "zh-TW", "zh-Hans", "zh-Hant"], StringComparer.OrdinalIgnoreCase);

    /// <summary>As <c>language</c> takes it: two small letters.</summary>
    public static bool HasTwoLetters(string code) => Shape().IsMatch(code);

    /// <summary>As <c>languages[]</c> takes it.</summary>
    public static bool IsCode(string code) => TwoLetters.Contains(code) || ThreeLetters.Contains(code) || ChineseLocales.Contains(code);

    [GeneratedRegex("^[a-z]{2}$")]
    private static partial Regex Shape();
}
