using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MultiModal.Pipeline.Ai.Models;

namespace MultiModal.Pipeline.Ai.Chat;

/// <summary>
/// What requests say about the provider's own cache of prompts. Sources: the specification of the API (openai-openapi, 2026-08-21) and Azure OpenAI,
/// "Prompt caching". Prompts of 1,024 tokens and more are cached by their beginning, and a key sends those that begin alike to the same cache. From
/// gpt-5.6 on the provider charges for what it writes, and by itself it writes every prompt up to the end of its last message. A request with mode
/// <c>explicit</c> writes up to its marks only, and nothing without one.
/// </summary>
internal static class PromptCaching
{
    private const int LeastTokens = 1_024;

    private const int KeyBytes = 16;

    /// <summary>Whether the fixed part of a question is long enough for the provider's cache, by <see cref="TokenEstimate"/>.</summary>
    public static bool HasLongFixedPart<T>(StructuredQuestion<T> question) where T : notnull =>
        new[] { question.Schema, question.System }.Concat(question.FixedParts).Sum(TokenEstimate.ForText) >= LeastTokens;

    public static void Write<T>(Utf8JsonWriter json, StructuredQuestion<T> question, PromptCacheTerms terms) where T : notnull
    {
        if (terms == PromptCacheTerms.Unknown) return;
        if (HasLongFixedPart(question)) json.WriteString("prompt_cache_key", KeyOf(question));
        if (terms != PromptCacheTerms.PaidWrites) return;
        json.WriteStartObject("prompt_cache_options");
        json.WriteString("mode", "explicit");
        json.WriteEndObject();
    }

    /// <summary>Marks the content part that is being written as the end of what is worth writing.</summary>
    public static void WriteBreakpoint(Utf8JsonWriter json)
    {
        json.WriteStartObject("prompt_cache_breakpoint");
        json.WriteString("mode", "explicit");
        json.WriteEndObject();
    }

    private static string KeyOf<T>(StructuredQuestion<T> question) where T : notnull
    {
        var beginning = string.Join('\0', [question.Schema, question.System, .. question.FixedParts]);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(beginning)).AsSpan(0, KeyBytes));
    }
}
