using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Offline;

namespace MultiModal.Pipeline.Synthesis;

/// <summary>A batch of one short item: the item's known content is the summary, and no engine is needed.</summary>
internal static class SingleItem
{
    private const int ShortTokens = 200;
    private const int LongestTitle = 80;

    public static bool IsShort(SynthesisInput input) => TokenEstimate.ForText(input.Text) <= ShortTokens;

    public static SynthesisDocument DocumentOf(SynthesisInput input) =>
        ExtractiveTextEngine.Extract([input], CancellationToken.None) with { Title = Title(input), Summary = input.Text, KeyPoints = [] };

    private static string Title(SynthesisInput input)
    {
        var (first, _) = SentenceSplitter.Split(input.Text).FirstOrDefault();
        if (first is { Length: > 0 and <= LongestTitle }) return first.TrimEnd('.');
        var name = Path.GetFileNameWithoutExtension(input.Name).Replace('_', ' ').Trim();
        return VisibleText.Of(name.Length > 0 ? name : input.Name);
    }
}
