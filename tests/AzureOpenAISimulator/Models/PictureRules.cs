namespace AzureOpenAISimulator.Models;

/// <summary>
/// What a model that makes pictures takes (specification of 2026-08-21; developers.openai.com/api/docs/guides/image-generation for sizes from
/// gpt-image-2 on; the changelog of 2026-09-08 for qualities).
/// </summary>
/// <param name="Qualities">Values of <c>quality</c> that are taken, beside <c>auto</c>.</param>
public sealed record PictureRules(IReadOnlyList<string> Qualities)
{
    public static PictureRules GptImage2 { get; } = new(["low", "medium", "high"]);

    public static PictureRules GptImage25 { get; } = new(["low", "medium", "high", "xhigh", "max"]);
}
