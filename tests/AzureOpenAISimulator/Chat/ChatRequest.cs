using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AzureOpenAISimulator.Calls;
using AzureOpenAISimulator.Content;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Media;
using AzureOpenAISimulator.Metering;
using AzureOpenAISimulator.Models;
using AzureOpenAISimulator.Schemas;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Chat;

/// <summary><c>POST …/chat/completions</c>. Streaming is not played: <c>stream: true</c> is refused.</summary>
public sealed class ChatRequest : WireRequest
{
    /// <summary>What any effort but none takes.</summary>
    private const int ReasoningTokens = 64;

    private readonly JsonObject _body;
    private readonly ChatPrompt _prompt;
    private readonly ChatParameters _parameters;
    private readonly ChatFormat _format;
    private readonly ChatCaching _caching;

    private ChatRequest(JsonBody body)
    {
        _body = body.Json;
        RequestHash = ContentHashes.Sha256(body.Raw);
        _prompt = ChatPrompt.Read(_body, RequestHash);
        _parameters = new(_body);
        _format = new(_body, _prompt.Texts);
        _caching = new(_body);
    }

    public override string? Model => (_body["model"] as JsonValue)?.TryGetValue(out string? model) == true ? model : null;

    public override IReadOnlyList<ReceivedMedia> Media => [.. _prompt.Images.Select(image => image.Received).OfType<ReceivedMedia>()];

    public override string ContentHash => _prompt.ContentHash;

    public override string RequestHash { get; }

    public override IReadOnlyList<string> Texts => _prompt.Texts;

    public override JsonObject Recorded => _body;

    /// <exception cref="WireException">The body is not a JSON object.</exception>
    public static async Task<ChatRequest> ReadAsync(HttpRequest request, CancellationToken cancellationToken) =>
        new(await JsonBody.ReadAsync(request, cancellationToken));

    public override ServiceTier Tier(ModelFamily model, Dialect dialect) => _parameters.Tier(model, dialect);

    public override Task<PaidAnswer> AnswerAsync(CallContext context, CancellationToken cancellationToken) => Task.FromResult(Answer(context));

    private PaidAnswer Answer(CallContext context)
    {
        if (context.Model.Kind != CallKind.Chat) throw Refusals.WrongOperation(context.Dialect, CallKind.Chat, context.Deployment.Name);
        ApiVersions.CheckModel(context.Dialect, context.ApiVersion, context.Model.EarliestApiVersion);
        CheckMessages();
        _parameters.Check(context);
        _caching.Check(context.Model, _prompt);
        var imageTokens = ImageTokens(context);
        var schema = _format.Check(context);
        var framing = _prompt.Messages.Count * TextTokens.PerMessage + TextTokens.PerAnswer;
        var promptTokens = imageTokens.Sum() + _prompt.Texts.Sum(TextTokens.Of) + framing + TextTokens.Of(schema?.ToJsonString() ?? "");
        CheckContext(context.Model, promptTokens);

        var digest = new PromptDigest(_prompt.UserTexts, Media, [.. context.Known.Where(IsAboutThis)]);
        var content = Content(digest, schema, context.Settings.AnswerTokens);
        var reasoning = _parameters.Effort(context.Model) is null or ReasoningRules.NoEffort ? 0 : ReasoningTokens;
        var (answered, refusal, finish) = context.Fault switch
        {
            FaultKind.SchemaViolation => ("""{"unexpected":[1,null]}""", (string?)null, "stop"),
            FaultKind.NotJson => ($"Certainly! Here is what I found: {digest.Description}", null, "stop"),
            FaultKind.TruncatedOutput => (content[..(content.Length / 2)], null, "length"),
            FaultKind.CompletionFiltered => (null, null, "content_filter"),
            FaultKind.Refusal => (null, "I'm sorry, but I can't assist with that request.", "stop"),
            _ => Limited(content, context.Model, ref reasoning),
        };
        var completionTokens = TextTokens.Of(answered ?? refusal ?? "") + reasoning;
        var (cached, written) = _caching.Use(context, _prompt, schema?.ToJsonString(), imageTokens);
        var usage = new CallUsage(promptTokens, completionTokens, imageTokens.Sum(), ReasoningTokens: reasoning)
        {
            CachedTokens = cached,
            CacheWriteTokens = written,
        };
        return new(Wire.Answer.Json(200, Body(context, answered, refusal, finish, context.Fault == FaultKind.NoUsage ? null : usage)), usage);
    }

    private bool IsAboutThis(KnownContent content) =>
        content.ContentHash == ContentHash || _prompt.Images.Any(image => image.ContentHash == content.ContentHash);

    private string Content(PromptDigest digest, JsonObject? schema, int? least)
    {
        var content = Content(digest, schema);
        var missing = (least ?? 0) - TextTokens.Of(content);
        return missing <= 0 ? content : Content(digest.DrawnOut(missing), schema);
    }

    private string Content(PromptDigest digest, JsonObject? schema) => schema is not null
        ? new SchemaAnswer(schema, digest).Generate()!.ToJsonString(WireJson.Options)
        : _format.Type == "json_object" ? new JsonObject { ["answer"] = digest.Description }.ToJsonString(WireJson.Options)
        : digest.Description;

    /// <summary>Reasoning comes first and counts: a limit that it fills leaves nothing to be read.</summary>
    private (string? Content, string? Refusal, string Finish) Limited(string content, ModelFamily model, ref int reasoning)
    {
        var max = _parameters.MaxTokens ?? model.MaxOutputTokens;
        reasoning = Math.Min(reasoning, max);
        var kept = TextTokens.First(content, max - reasoning);
        return kept.Length == content.Length ? (content, null, "stop") : (kept, null, "length");
    }

    private JsonObject Body(CallContext context, string? content, string? refusal, string finish, CallUsage? usage)
    {
        var choice = new JsonObject
        {
            ["index"] = 0,
            ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = content, ["refusal"] = refusal, ["annotations"] = new JsonArray() },
            ["logprobs"] = null,
            ["finish_reason"] = finish,
        };
        var body = new JsonObject
        {
            ["id"] = $"chatcmpl-{RequestHash[..29]}",
            ["object"] = "chat.completion",
            ["created"] = context.Now.ToUnixTimeSeconds(),
            ["model"] = context.Model.Snapshot,
            ["choices"] = new JsonArray(choice),
        };
        if (usage is not null) body["usage"] = UsageOf(usage, context.Model.CacheBreakpoints);
        body["system_fingerprint"] = "fp_simulated";
        if (context.Dialect == Dialect.OpenAI || _parameters.NamesTier || context.Tier != ServiceTier.Default)
        {
            body["service_tier"] = JsonNamingPolicy.CamelCase.ConvertName($"{context.Tier}");
        }
        if (context.Dialect != Dialect.OpenAI)
        {
            choice["content_filter_results"] = ContentFilter.Results(finish == "content_filter");
            body["prompt_filter_results"] = new JsonArray(
                new JsonObject { ["prompt_index"] = 0, ["content_filter_results"] = ContentFilter.Results(filtered: false) });
        }
        return body;
    }

    private static JsonObject UsageOf(CallUsage usage, bool reportsWrites)
    {
        var prompt = new JsonObject { ["cached_tokens"] = usage.CachedTokens, ["audio_tokens"] = 0 };
        if (reportsWrites) prompt["cache_write_tokens"] = usage.CacheWriteTokens;
        return new()
        {
            ["prompt_tokens"] = usage.InputTokens,
            ["completion_tokens"] = usage.OutputTokens,
            ["total_tokens"] = usage.InputTokens + usage.OutputTokens,
            ["prompt_tokens_details"] = prompt,
            ["completion_tokens_details"] = new JsonObject
            {
                ["reasoning_tokens"] = usage.ReasoningTokens,
                ["audio_tokens"] = 0,
                ["accepted_prediction_tokens"] = 0,
                ["rejected_prediction_tokens"] = 0,
            },
        };
    }

    private void CheckMessages()
    {
        if (_prompt.Messages.Count > 0) return;
        throw _body["messages"] is JsonArray
            ? Refusals.Invalid(
                "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
                "messages", "empty_array")
            : Refusals.Invalid("Missing required parameter: 'messages'.", "messages", "missing_required_parameter");
    }

    /// <returns>Of each image, in their order.</returns>
    /// <exception cref="WireException">An image is refused.</exception>
    private List<int> ImageTokens(CallContext context)
    {
        var rule = context.Model.Images;
        var tokens = new List<int>();
        foreach (var image in _prompt.Images)
        {
            if (rule is null) throw Refusals.Invalid("Invalid content type. image_url is only supported by certain models.", image.Path);
            tokens.Add(image.Tokens(rule, context.Dialect));
        }
        return tokens;
    }

    private void CheckContext(ModelFamily model, int promptTokens)
    {
        var wanted = _parameters.MaxTokens ?? 0;
        if (promptTokens + wanted <= model.ContextTokens && promptTokens <= model.MaxInputTokens) return;
        var window = promptTokens + wanted <= model.ContextTokens ? model.MaxInputTokens : model.ContextTokens;
        var message = promptTokens > window || wanted == 0
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"This model's maximum context length is {window} tokens. However, your messages resulted in {promptTokens} tokens. "
                + $"Please reduce the length of the messages.")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"This model's maximum context length is {window} tokens. However, you requested {promptTokens + wanted} tokens "
                + $"({promptTokens} in the messages, {wanted} in the completion). Please reduce the length of the messages or completion.");
        throw Refusals.Invalid(message, "messages", "context_length_exceeded");
    }
}
