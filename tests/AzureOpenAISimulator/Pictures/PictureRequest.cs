using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using AzureOpenAISimulator.Calls;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Media;
using AzureOpenAISimulator.Metering;
using AzureOpenAISimulator.Models;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Pictures;

/// <summary><c>POST …/images/generations</c>. Streaming, WebP and transparent pictures are not played: they are refused.</summary>
public sealed class PictureRequest : WireRequest
{
    private const int LongestPrompt = 32_000;

    /// <summary>"Foundry Models sold by Azure", 2026-09-23.</summary>
    private const int LongestPromptOnAzure = 4_000;

    private const int MostPictures = 10;

    private readonly JsonObject _body;

    private PictureRequest(JsonBody body)
    {
        _body = body.Json;
        RequestHash = ContentHashes.Sha256(body.Raw);
        ContentHash = Prompt is { } prompt ? ContentHashes.Sha256(Encoding.UTF8.GetBytes(prompt)) : RequestHash;
    }

    public override string? Model => (_body["model"] as JsonValue)?.TryGetValue(out string? model) == true ? model : null;

    public override IReadOnlyList<ReceivedMedia> Media => [];

    public override string ContentHash { get; }

    public override string RequestHash { get; }

    public override IReadOnlyList<string> Texts => [Prompt ?? ""];

    public override JsonObject Recorded => _body;

    private string? Prompt => (_body["prompt"] as JsonValue)?.TryGetValue(out string? prompt) == true ? prompt : null;

    private int Count => (int?)_body["n"] ?? 1;

    private string Format => (string?)_body["output_format"] ?? "png";

    /// <exception cref="WireException">The body is not a JSON object.</exception>
    public static async Task<PictureRequest> ReadAsync(HttpRequest request, CancellationToken cancellationToken) =>
        new(await JsonBody.ReadAsync(request, cancellationToken));

    public override Task<PaidAnswer> AnswerAsync(CallContext context, CancellationToken cancellationToken) => Task.FromResult(Answer(context));

    private PaidAnswer Answer(CallContext context)
    {
        if (context.Model.Pictures is not { } rules)
        {
            throw Refusals.WrongOperation(context.Dialect, CallKind.ImageGeneration, context.Deployment.Name);
        }
        CheckPrompt(context.Dialect);
        CheckOptions(context.Dialect);
        var size = PictureSize.Parse((string?)_body["size"]);
        var quality = Quality(rules, context.Dialect);
        var pictures = Enumerable.Range(0, Count).Select(number => Paint(size, quality, number));
        var tokens = PictureTokens.Of(size, quality) * Count;
        var usage = new CallUsage(TextTokens.Of(Prompt!), tokens) { ImageOutputTokens = tokens };
        var body = new JsonObject
        {
            ["created"] = context.Now.ToUnixTimeSeconds(),
            ["background"] = "opaque",
            ["data"] = new JsonArray([.. pictures.Select(picture => (JsonNode)new JsonObject { ["b64_json"] = Convert.ToBase64String(picture) })]),
            ["output_format"] = Format,
            ["quality"] = quality,
            ["size"] = size.ToString(),
        };
        if (context.Fault != FaultKind.NoUsage) body["usage"] = UsageOf(usage);
        if (context.Fault == FaultKind.SchemaViolation) body.Remove("data");
        return new(Wire.Answer.Json(200, body), usage);
    }

    private byte[] Paint(PictureSize size, string quality, int number)
    {
        var picture = new Picture(size, string.Create(CultureInfo.InvariantCulture, $"{Prompt}|{size}|{quality}|{number}"));
        return Format == "jpeg" ? JpegFile.Of(picture) : PngFile.Of(picture);
    }

    private static JsonObject UsageOf(CallUsage usage) => new()
    {
        ["total_tokens"] = usage.InputTokens + usage.OutputTokens,
        ["input_tokens"] = usage.InputTokens,
        ["output_tokens"] = usage.OutputTokens,
        ["input_tokens_details"] = new JsonObject { ["text_tokens"] = usage.InputTokens, ["image_tokens"] = 0 },
        ["output_tokens_details"] = new JsonObject { ["text_tokens"] = 0, ["image_tokens"] = usage.ImageOutputTokens },
    };

    private void CheckPrompt(Dialect dialect)
    {
        if (Prompt is not { Length: > 0 } prompt)
        {
            throw Refusals.Invalid("Missing required parameter: 'prompt'.", "prompt", "missing_required_parameter");
        }
        var longest = dialect == Dialect.OpenAI ? LongestPrompt : LongestPromptOnAzure;
        if (prompt.Length <= longest) return;
        var words = string.Create(
            CultureInfo.InvariantCulture,
            $"Invalid 'prompt': string too long. Expected a string with maximum length {longest}, "
            + $"but got a string with length {prompt.Length} instead.");
        throw Refusals.Invalid(words, "prompt", "string_above_max_length");
    }

    private void CheckOptions(Dialect dialect)
    {
        if (_body.ContainsKey("response_format"))
        {
            throw Refusals.Invalid("Unknown parameter: 'response_format'.", "response_format", "unknown_parameter");
        }
        if ((bool?)_body["stream"] == true)
        {
            throw Refusals.Invalid("The simulator answers whole, it does not stream.", "stream", "unsupported_value");
        }
        if (Count is < 1 or > MostPictures)
        {
            throw Refusals.Invalid($"Invalid 'n': expected a value from 1 to {MostPictures}.", "n", "invalid_value");
        }
        OneOf("moderation", "auto", "low");
        OneOf("background", "auto", "opaque", "transparent");
        if ((string?)_body["background"] == "transparent")
        {
            throw Refusals.Invalid("The simulator paints opaque pictures alone.", "background", "unsupported_value");
        }
        if (dialect == Dialect.OpenAI) OneOf("output_format", "png", "jpeg", "webp");
        else OneOf("output_format", "png", "jpeg");
        if (Format == "webp") throw Refusals.Invalid("The simulator paints PNG and JPEG alone.", "output_format", "unsupported_value");
        if ((int?)_body["output_compression"] is not { } compression) return;
        if (compression is < 0 or > 100)
        {
            throw Refusals.Invalid("Invalid 'output_compression': expected a value from 0 to 100.", "output_compression", "invalid_value");
        }
        if (Format == "png" && compression != 100)
        {
            throw Refusals.Invalid("Compression less than 100 is not supported for PNG output format", "output_compression", "invalid_value");
        }
    }

    /// <summary>What <c>auto</c> comes to is not published: here it is medium. Azure's default is high.</summary>
    private string Quality(PictureRules rules, Dialect dialect)
    {
        OneOf("quality", ["auto", .. rules.Qualities]);
        return (string?)_body["quality"] switch
        {
            null => dialect == Dialect.OpenAI ? "medium" : "high",
            "auto" => "medium",
            var quality => quality,
        };
    }

    private void OneOf(string parameter, params IReadOnlyList<string> values)
    {
        if ((string?)_body[parameter] is { } value && !values.Contains(value)) throw Refusals.NotOneOf(value, values, parameter);
    }
}
