using System.Text.Json;
using MultiModal.Pipeline.Ai.Models;

namespace MultiModal.Pipeline.Ai.Transport;

/// <summary>Reads the usage of a call from the raw answer; a value that a server omits is 0.</summary>
internal static class ProviderUsage
{
    /// <summary>
    /// Names of standard processing. What runs on provisioned capacity (<c>scale</c>) is paid for with it: no more than this is charged for a call.
    /// </summary>
    private static readonly string[] StandardTiers = ["default", "auto", "standard", "scale"];

    public static Usage OfChat(JsonElement answer)
    {
        if (Object(answer, "usage") is not { } usage) return Usage.None;
        var read = new Usage(Number(usage, "prompt_tokens"), OutputTokens: Number(usage, "completion_tokens"), Tier: TierOf(answer));
        return Object(usage, "prompt_tokens_details") is { } details
            ? read with { CachedInputTokens = Number(details, "cached_tokens"), CacheWriteTokens = Number(details, "cache_write_tokens") }
            : read;
    }

    /// <param name="answer">Answer to a transcription: usage by tokens or by duration, or (verbose_json of older versions) only the duration
    /// heard.</param>
    /// <param name="family">Row of the model, which says whether an answer without usage is billed by time.</param>
    /// <param name="sentSeconds">Seconds that were sent, used where the answer has no duration either.</param>
    public static Usage OfTranscription(JsonElement answer, SpeechFamily family, double sentSeconds)
    {
        if (Object(answer, "usage") is { } usage)
        {
            if (Seconds(usage, "seconds") is { } billed) return new Usage(AudioSeconds: billed);
            if (usage.TryGetProperty("input_tokens", out _))
            {
                var audio = Object(usage, "input_token_details") is { } details ? Number(details, "audio_tokens") : 0;
                return new Usage(Number(usage, "input_tokens"), 0, Number(usage, "output_tokens"), audio);
            }
        }

        return family.BilledBySeconds ? new Usage(AudioSeconds: Seconds(answer, "duration") ?? sentSeconds) : Usage.None;
    }

    /// <param name="answer">Answer with a picture. Where it does not say how much of the output is picture, all of it is.</param>
    public static Usage OfPicture(JsonElement answer)
    {
        if (Object(answer, "usage") is not { } usage) return Usage.None;
        var output = Number(usage, "output_tokens");
        var picture = Object(usage, "output_tokens_details") is { } details && details.TryGetProperty("image_tokens", out _)
            ? Math.Min(output, Number(details, "image_tokens"))
            : output;
        return new Usage(Number(usage, "input_tokens"), OutputTokens: output, Tier: TierOf(answer), ImageOutputTokens: picture);
    }

    /// <summary>The tier at which the call was worked on. A project can be set to one that no request asked for.</summary>
    private static string? TierOf(JsonElement answer) =>
        answer.TryGetProperty("service_tier", out var tier) && tier.ValueKind == JsonValueKind.String && tier.GetString() is { Length: > 0 } name
            && !StandardTiers.Contains(name, StringComparer.OrdinalIgnoreCase)
            ? name.ToLowerInvariant()
            : null;

    private static JsonElement? Object(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static long Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : 0;

    private static double? Seconds(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}
