using System.Text.Json.Serialization;

namespace MultiModal.Pipeline.Ai;

/// <summary>The usage of a call, as the provider reports it; it can be summed over attempts and calls.</summary>
/// <param name="InputTokens">All input tokens, including cached ones, image and audio tokens.</param>
/// <param name="CachedInputTokens">Input tokens that the provider billed at its cached rate.</param>
/// <param name="OutputTokens">All output tokens, including reasoning.</param>
/// <param name="AudioInputTokens">Input tokens that are audio (gpt-4o-transcribe and related models).</param>
/// <param name="AudioSeconds">Seconds of audio billed by duration (whisper); 0 where billing is by token.</param>
/// <param name="CacheWriteTokens">Those of the input tokens that the provider put into its own cache, which costs extra from gpt-5.6 on.</param>
public sealed record Usage(
    long InputTokens = 0,
    long CachedInputTokens = 0,
    long OutputTokens = 0,
    long AudioInputTokens = 0,
    double AudioSeconds = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long CacheWriteTokens = 0)
{
    public static Usage None { get; } = new();

    public static Usage operator +(Usage left, Usage right) => new(
        left.InputTokens + right.InputTokens,
        left.CachedInputTokens + right.CachedInputTokens,
        left.OutputTokens + right.OutputTokens,
        left.AudioInputTokens + right.AudioInputTokens,
        left.AudioSeconds + right.AudioSeconds,
        left.CacheWriteTokens + right.CacheWriteTokens);

    public static Usage Add(Usage left, Usage right) => left + right;
}
