using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
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
public sealed partial class ChatRequest : WireRequest
{
    private const int ReasoningTokens = 64;

    private static readonly string[] RefusedByReasoningModels = ["top_p", "presence_penalty", "frequency_penalty", "logprobs", "top_logprobs", "logit_bias"];

    private readonly JsonObject _body;
    private readonly List<ChatImage> _images = [];
    private readonly List<string> _texts = [];
    private readonly List<string> _userTexts = [];
    private readonly int _messages;

    private ChatRequest(JsonObject body, byte[] raw)
    {
        _body = body;
        RequestHash = ContentHashes.Sha256(raw);
        if (body["messages"] is not JsonArray messages)
        {
            ContentHash = RequestHash;
            return;
        }
        _messages = messages.Count;
        for (var message = 0; message < messages.Count; message++)
        {
            if (messages[message] is JsonObject record) ReadMessage(record, message);
        }
        ContentHash = _images.Count > 0 ? _images[0].ContentHash : ContentHashes.Sha256(Encoding.UTF8.GetBytes(string.Join('\0', _texts)));
    }

    public override string? Model => (_body["model"] as JsonValue)?.TryGetValue(out string? model) == true ? model : null;

    public override IReadOnlyList<ReceivedMedia> Media => [.. _images.Select(image => image.Received).OfType<ReceivedMedia>()];

    public override string ContentHash { get; }

    public override string RequestHash { get; }

    /// <summary>Images are replaced when they are read, so that the log holds none.</summary>
    public override JsonObject Recorded => _body;

    /// <exception cref="WireException">The body is not a JSON object.</exception>
    public static async Task<ChatRequest> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        var raw = buffer.ToArray();
        try
        {
            if (JsonNode.Parse(raw) is JsonObject body) return new ChatRequest(body, raw);
        }
        catch (JsonException)
        {
            // Refused below, as any body that is no JSON object.
        }
        throw Refusals.Invalid("We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)");
    }

    public override PaidAnswer Answer(Deployment deployment, Dialect dialect, string? apiVersion, IReadOnlyList<KnownContent> known, FaultKind? fault, DateTimeOffset now)
    {
        var model = deployment.Family;
        if (model.Kind != CallKind.Chat) throw Refusals.WrongOperation(dialect, CallKind.Chat, deployment.Name);
        CheckParameters(model, dialect, apiVersion);
        CheckImages(model, dialect);
        var schema = CheckFormat(deployment, dialect, apiVersion);

        var imageTokens = _images.Sum(image => model.Images!.Tokens(image.Received!.Width, image.Received.Height, image.Received.Detail == "low"));
        var promptTokens = imageTokens + _texts.Sum(TextTokens.Of) + _messages * TextTokens.PerMessage + TextTokens.PerAnswer
            + (schema is null ? 0 : TextTokens.Of(schema.ToJsonString()));
        CheckContext(model, promptTokens);

        var digest = new PromptDigest(_userTexts, [.. _images.Select(image => image.Received!)], [.. known.Where(content => _images.Any(image => image.ContentHash == content.ContentHash) || content.ContentHash == ContentHash)]);
        var content = Content(digest, schema);
        var (answered, refusal, finish) = fault switch
        {
            FaultKind.SchemaViolation => ("""{"unexpected":[1,null]}""", (string?)null, "stop"),
            FaultKind.NotJson => ($"Certainly! Here is what I found: {digest.Description}", null, "stop"),
            FaultKind.TruncatedOutput => (content[..(content.Length / 2)], null, "length"),
            FaultKind.CompletionFiltered => (null, null, "content_filter"),
            FaultKind.Refusal => (null, "I'm sorry, but I can't assist with that request.", "stop"),
            _ => Limited(content, model),
        };
        var reasoning = model.Reasoning ? ReasoningTokens : 0;
        var completionTokens = TextTokens.Of(answered ?? refusal ?? "") + reasoning;
        var body = Body(model, dialect, now, answered, refusal, finish, fault == FaultKind.NoUsage ? null : UsageOf(promptTokens, completionTokens, reasoning));
        return new(Wire.Answer.Json(200, body), new CallUsage(promptTokens, completionTokens, imageTokens, ReasoningTokens: reasoning));
    }

    private string Content(PromptDigest digest, JsonObject? schema) => schema is not null
        ? new SchemaAnswer(schema, digest).Generate()!.ToJsonString(WireJson.Options)
        : FormatType == "json_object" ? new JsonObject { ["answer"] = digest.Description }.ToJsonString(WireJson.Options)
        : digest.Description;

    private (string? Content, string? Refusal, string Finish) Limited(string content, ModelFamily model)
    {
        if (MaxTokens is not { } max) return (content, null, "stop");
        var room = Math.Max(0, max - (model.Reasoning ? ReasoningTokens : 0));
        return TextTokens.Of(content) <= room ? (content, null, "stop") : (content[..Math.Min(content.Length, room * 4)], null, "length");
    }

    private JsonObject Body(ModelFamily model, Dialect dialect, DateTimeOffset now, string? content, string? refusal, string finish, JsonObject? usage)
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
            ["created"] = now.ToUnixTimeSeconds(),
            ["model"] = model.Snapshot,
            ["choices"] = new JsonArray(choice),
        };
        if (usage is not null) body["usage"] = usage;
        body["system_fingerprint"] = "fp_simulated";
        if (dialect == Dialect.OpenAI)
        {
            body["service_tier"] = "default";
        }
        else
        {
            choice["content_filter_results"] = ContentFilter.Results(finish == "content_filter");
            body["prompt_filter_results"] = new JsonArray(new JsonObject { ["prompt_index"] = 0, ["content_filter_results"] = ContentFilter.Results(filtered: false) });
        }
        return body;
    }

    private static JsonObject UsageOf(int prompt, int completion, int reasoning) => new()
    {
        ["prompt_tokens"] = prompt,
        ["completion_tokens"] = completion,
        ["total_tokens"] = prompt + completion,
        ["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = 0, ["audio_tokens"] = 0 },
        ["completion_tokens_details"] = new JsonObject { ["reasoning_tokens"] = reasoning, ["audio_tokens"] = 0, ["accepted_prediction_tokens"] = 0, ["rejected_prediction_tokens"] = 0 },
    };

    private void CheckParameters(ModelFamily model, Dialect dialect, string? apiVersion)
    {
        if (dialect == Dialect.AzureDeployment && model.EarliestApiVersion is { } earliest) throw Refusals.ApiVersionTooOld(earliest);
        if (_messages == 0)
        {
            throw _body["messages"] is JsonArray
                ? Refusals.Invalid("Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.", "messages", "empty_array")
                : Refusals.Invalid("Missing required parameter: 'messages'.", "messages", "missing_required_parameter");
        }
        if ((bool?)_body["stream"] == true) throw Refusals.Invalid("The simulator answers whole, it does not stream.", "stream", "unsupported_value");
        if (_body.ContainsKey("max_completion_tokens") && apiVersion == ApiVersions.Older) throw Refusals.Invalid("Unrecognized request argument supplied: max_completion_tokens");
        if (_body.ContainsKey("max_completion_tokens") && _body.ContainsKey("max_tokens"))
        {
            throw Refusals.Invalid("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.", code: "invalid_parameter_combination");
        }
        if (model.Reasoning)
        {
            // langflow-ai/openrag#398 quotes the first.
            if (_body.ContainsKey("max_tokens")) throw Refusals.Invalid("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "max_tokens", "unsupported_parameter");
            if (_body["temperature"] is { } temperature && temperature.GetValue<double>() != 1)
            {
                throw Refusals.Invalid($"Unsupported value: 'temperature' does not support {temperature.ToJsonString()} with this model. Only the default (1) value is supported.", "temperature", "unsupported_value");
            }
            if (RefusedByReasoningModels.FirstOrDefault(_body.ContainsKey) is { } refused)
            {
                throw Refusals.Invalid($"Unsupported parameter: '{refused}' is not supported with this model.", refused, "unsupported_parameter");
            }
        }
        else if (_body.ContainsKey("reasoning_effort"))
        {
            throw Refusals.Invalid("Unrecognized request argument supplied: reasoning_effort");
        }
        if (MaxTokens is { } max && max > model.MaxOutputTokens)
        {
            var name = _body.ContainsKey("max_tokens") ? "max_tokens" : "max_completion_tokens";
            throw Refusals.Invalid(string.Create(CultureInfo.InvariantCulture, $"{name} is too large: {max}. This model supports at most {model.MaxOutputTokens} completion tokens, whereas you provided {max}."), name, "invalid_value");
        }
    }

    private void CheckImages(ModelFamily model, Dialect dialect)
    {
        foreach (var image in _images)
        {
            if (model.Images is null) throw Refusals.Invalid("Invalid content type. image_url is only supported by certain models.", image.Path);
            if (image.Fault is { } fault) throw fault(dialect);
        }
    }

    /// <returns>The schema to answer by, where there is one.</returns>
    private JsonObject? CheckFormat(Deployment deployment, Dialect dialect, string? apiVersion)
    {
        switch (FormatType)
        {
            case null or "text":
                return SchemaInPrompt.Find(_texts);
            case "json_object" when !deployment.JsonMode:
                throw UnsupportedFormat("json_object");
            case "json_object":
                return _texts.Any(text => text.Contains("json", StringComparison.OrdinalIgnoreCase))
                    ? SchemaInPrompt.Find(_texts)
                    : throw Refusals.Invalid("'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.", "messages");
            case "json_schema":
                break;
            case var other:
                throw Refusals.Invalid($"Invalid value: '{other}'. Supported values are: 'json_object', 'json_schema', and 'text'.", "response_format.type", "invalid_value");
        }
        // crmne/ruby_llm#600 quotes it.
        if (apiVersion == ApiVersions.Older) throw Refusals.Gateway(400, "BadRequest", "response_format value as json_schema is enabled only for api versions 2024-08-01-preview and later");
        if (!deployment.JsonSchema) throw UnsupportedFormat("json_schema");
        if (_body["response_format"]!["json_schema"] is not JsonObject format) throw Refusals.Invalid("Missing required parameter: 'response_format.json_schema'.", "response_format.json_schema", "missing_required_parameter");
        var name = (string?)format["name"] ?? throw Refusals.Invalid("Missing required parameter: 'response_format.json_schema.name'.", "response_format.json_schema.name", "missing_required_parameter");
        if (!SchemaName().IsMatch(name))
        {
            throw Refusals.Invalid("Invalid 'response_format.json_schema.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.", "response_format.json_schema.name", "invalid_value");
        }
        if (format["schema"] is not JsonObject schema) throw Refusals.Invalid("Missing required parameter: 'response_format.json_schema.schema'.", "response_format.json_schema.schema", "missing_required_parameter");
        if ((bool?)format["strict"] == true && StrictSchemaRules.FirstBreach(schema, dialect != Dialect.OpenAI) is { } breach)
        {
            throw Refusals.Invalid($"Invalid schema for response_format '{name}': {breach}", "response_format");
        }
        return schema;
    }

    private static WireException UnsupportedFormat(string format) =>
        Refusals.Invalid($"Invalid parameter: 'response_format' of type '{format}' is not supported with this model. Learn more about supported models at the Structured Outputs guide: https://platform.openai.com/docs/guides/structured-outputs");

    private void CheckContext(ModelFamily model, int promptTokens)
    {
        var wanted = MaxTokens ?? 0;
        if (promptTokens + wanted <= model.ContextTokens) return;
        var message = promptTokens > model.ContextTokens || wanted == 0
            ? string.Create(CultureInfo.InvariantCulture, $"This model's maximum context length is {model.ContextTokens} tokens. However, your messages resulted in {promptTokens} tokens. Please reduce the length of the messages.")
            : string.Create(CultureInfo.InvariantCulture, $"This model's maximum context length is {model.ContextTokens} tokens. However, you requested {promptTokens + wanted} tokens ({promptTokens} in the messages, {wanted} in the completion). Please reduce the length of the messages or completion.");
        throw Refusals.Invalid(message, "messages", "context_length_exceeded");
    }

    private string? FormatType => (string?)_body["response_format"]?["type"];

    private int? MaxTokens => (int?)(_body["max_completion_tokens"] ?? _body["max_tokens"]);

    private void ReadMessage(JsonObject message, int index)
    {
        var user = (string?)message["role"] == "user";
        if (message["content"] is JsonValue whole && whole.TryGetValue(out string? text)) AddText(text, user);
        if (message["content"] is not JsonArray parts) return;
        for (var part = 0; part < parts.Count; part++)
        {
            if (parts[part] is not JsonObject record) continue;
            if ((string?)record["type"] == "text" && (string?)record["text"] is { } partText) AddText(partText, user);
            if ((string?)record["type"] == "image_url" && record["image_url"] is JsonObject image)
            {
                var read = ChatImage.Read((string?)image["url"] ?? "", (string?)image["detail"] ?? "auto", string.Create(CultureInfo.InvariantCulture, $"messages.[{index}].content.[{part}].type"));
                _images.Add(read);
                image["url"] = $"sha256:{read.ContentHash}";
            }
        }
    }

    private void AddText(string text, bool user)
    {
        _texts.Add(text);
        if (user) _userTexts.Add(text);
    }

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,64}$")]
    private static partial Regex SchemaName();
}
