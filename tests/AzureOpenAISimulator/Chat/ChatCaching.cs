using System.Text.Json.Nodes;
using AzureOpenAISimulator.Caching;
using AzureOpenAISimulator.Calls;
using AzureOpenAISimulator.Metering;
using AzureOpenAISimulator.Models;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Chat;

/// <summary>
/// What a chat request says of the prompt cache, and what it gets from it. Source: developers.openai.com/api/docs/guides/prompt-caching and the
/// specification of 2026-08-21. Before gpt-5.6 the longest known beginning counts, in steps of 128 tokens, and writing is free. From gpt-5.6 on a
/// beginning is known only up to a breakpoint: the end of the newest message, which the service places itself unless the mode is explicit, and the
/// content parts that the caller marks; there is no falling back to a shorter beginning that nobody marked (openai/codex#35300 measured it).
/// </summary>
public sealed class ChatCaching(JsonObject body)
{
    private const string Options = "prompt_cache_options";
    private const string Retention = "prompt_cache_retention";

    /// <summary>A request writes at most four beginnings, the service's own among them.</summary>
    private const int MaxWrites = 4;

    private bool IsExplicit => (string?)body[Options]?["mode"] == "explicit";

    /// <exception cref="WireException">The model does not know what is asked.</exception>
    public void Check(ModelFamily model, ChatPrompt prompt)
    {
        var marked = prompt.Messages.SelectMany(message => message.Parts).Any(part => part.Breakpoint);
        if (!model.CacheBreakpoints)
        {
            if (body.ContainsKey(Options)) throw Unsupported(Options);
            if (marked) throw Unsupported("prompt_cache_breakpoint");
            return;
        }
        if (body[Options] is not JsonObject options) return;
        if (body.ContainsKey(Retention))
        {
            throw Refusals.Invalid($"'{Options}' and '{Retention}' cannot be used together.", Retention, "invalid_parameter_combination");
        }
        if ((string?)options["mode"] is { } mode and not ("implicit" or "explicit"))
        {
            throw Refusals.NotOneOf(mode, ["implicit", "explicit"], $"{Options}.mode");
        }
        if ((string?)options["ttl"] is { } life and not "30m") throw Refusals.NotOneOf(life, ["30m"], $"{Options}.ttl");
    }

    /// <returns>Tokens read from the cache, and tokens written to it where that has a price.</returns>
    public (int Cached, int Written) Use(CallContext context, ChatPrompt prompt, string? schema, IReadOnlyList<int> imageTokens)
    {
        if (!context.Settings.PromptCaching || context.Price?.Cached is null) return (0, 0);
        using var trace = new PromptTrace();
        var ends = new List<PromptBoundary>();
        var marks = new List<PromptBoundary>();
        Follow(trace, prompt, schema, imageTokens, ends, marks);
        if (!context.Model.CacheBreakpoints) return (Exchange(context, trace.Steps, trace.Steps), 0);

        var own = IsExplicit ? [] : ends[^1..];
        PromptBoundary[] written = [.. Remembered([.. marks.TakeLast(MaxWrites - own.Count), .. own])];
        var cached = Exchange(context, Remembered(IsExplicit ? marks : [.. marks, .. ends]), written);
        return (cached, Math.Max(0, written.Select(boundary => boundary.Tokens).DefaultIfEmpty().Max() - cached));
    }

    private static IEnumerable<PromptBoundary> Remembered(IEnumerable<PromptBoundary> boundaries) =>
        boundaries.Where(boundary => boundary.Tokens >= PromptTrace.Least);

    /// <summary>The schema comes before the first message (Azure OpenAI, "Prompt caching", what is cached).</summary>
    private static void Follow(
        PromptTrace trace, ChatPrompt prompt, string? schema, IReadOnlyList<int> imageTokens, List<PromptBoundary> ends, List<PromptBoundary> marks)
    {
        if (schema is not null) trace.AddText(schema);
        var images = 0;
        foreach (var message in prompt.Messages)
        {
            trace.AddWhole($"message {message.Role}", TextTokens.PerMessage);
            foreach (var part in message.Parts)
            {
                if (part.Text is { } text) trace.AddText(text);
                if (part.Image is { } image) trace.AddWhole($"image {image.ContentHash} {image.Received?.Detail}", imageTokens[images++]);
                if (part.Breakpoint) marks.Add(trace.Here);
            }
            ends.Add(trace.Here);
        }
    }

    private int Exchange(CallContext context, IEnumerable<PromptBoundary> readable, IEnumerable<PromptBoundary> written) =>
        context.Cache.Exchange(context.Deployment.Name, (string?)body["prompt_cache_key"], readable, written, context.Now);

    private static WireException Unsupported(string parameter) =>
        Refusals.Invalid($"Unsupported parameter: '{parameter}' is not supported with this model.", parameter, "unsupported_parameter");
}
