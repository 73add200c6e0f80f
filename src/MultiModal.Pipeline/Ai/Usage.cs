using System.Text.Json.Serialization;

namespace MultiModal.Pipeline.Ai;

/// <summary>The usage of a call, as the provider reports it; it can be summed over attempts and calls.</summary>
/// <param name="InputTokens">All input tokens, including cached ones, image and audio tokens.</param>
/// <param name="CachedInputTokens">Input tokens that the provider billed at its cached rate.</param>
/// <param name="OutputTokens">All output tokens, including reasoning.</param>
/// <param name="AudioInputTokens">Input tokens that are audio (gpt-4o-transcribe and related models).</param>
/// <param name="AudioSeconds">Seconds of audio billed by duration (whisper); 0 where billing is by token.</param>
/// <param name="CacheWriteTokens">Those of the input tokens that the provider put into its own cache, which costs extra from gpt-5.6 on.</param>
/// <param name="Tier">
/// The service tier that the answer names, where it is not the standard one, whatever was asked for: <c>flex</c>, <c>priority</c>. A sum of several has
/// all of their names.
/// </param>
/// <param name="ImageOutputTokens">Those of the output tokens that are a picture, which have a price of their own.</param>
public sealed record Usage(
    long InputTokens = 0,
    long CachedInputTokens = 0,
    long OutputTokens = 0,
    long AudioInputTokens = 0,
    double AudioSeconds = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long CacheWriteTokens = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? Tier = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long ImageOutputTokens = 0)
{
    private const string StandardTier = "default";

    public static Usage None { get; } = new();

    public static Usage operator +(Usage left, Usage right) => new(
        left.InputTokens + right.InputTokens,
        left.CachedInputTokens + right.CachedInputTokens,
        left.OutputTokens + right.OutputTokens,
        left.AudioInputTokens + right.AudioInputTokens,
        left.AudioSeconds + right.AudioSeconds,
        left.CacheWriteTokens + right.CacheWriteTokens,
        right == None ? left.Tier : left == None || left.Tier == right.Tier ? right.Tier : Joined(left.Tier, right.Tier),
        left.ImageOutputTokens + right.ImageOutputTokens);

    public static Usage Add(Usage left, Usage right) => left + right;

    private static string Joined(params string?[] tiers) =>
        string.Join('+', tiers.SelectMany(tier => (tier ?? StandardTier).Split('+')).Distinct().Order(StringComparer.Ordinal));
}
