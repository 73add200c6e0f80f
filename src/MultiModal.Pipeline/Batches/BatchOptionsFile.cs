using System.Text.Json;
using System.Text.RegularExpressions;
using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Batches;

/// <summary>The reserved file <c>batch.json</c> at the top of a batch: its options, checked field by field.</summary>
public static partial class BatchOptionsFile
{
    public const string FileName = "batch.json";

    /// <summary>Largest size, in bytes.</summary>
    public const int MaxBytes = 64 << 10;

    private const int MaxInstructions = 4000;
    private const int MaxVocabulary = 1000;
    private const int MaxLanguages = 8;
    private const int MaxPicturePrompt = 1000;

    private const string OneLanguage = "an ISO 639-1 code such as \"de\"";

    /// <summary>The blob that holds a batch's options.</summary>
    public static string BlobName(BatchName batch) => $"{batch.Value}/{FileName}";

    /// <returns>The options, or <c>invalid-batch-options</c> with a message that names the field.</returns>
    public static async Task<Outcome<BatchOptions>> ParseAsync(Stream content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        var buffer = new byte[MaxBytes + 1];
        var length = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        if (length > MaxBytes) return Invalid($"it is larger than {MaxBytes / 1024} KiB.");
        try
        {
            var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 8 };
            using var document = JsonDocument.Parse(WithoutByteOrderMark(buffer.AsMemory(0, length)), options);
            return Parse(document.RootElement);
        }
        catch (JsonException e)
        {
            return Invalid($"it is not JSON (line {(e.LineNumber ?? 0) + 1}).");
        }
    }

    /// <returns>The options, or <c>invalid-batch-options</c> with a message that names the field.</returns>
    public static Outcome<BatchOptions> Parse(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) return Invalid("it must be a JSON object.");
        var options = BatchOptions.Default;
        foreach (var field in root.EnumerateObject())
        {
            Outcome<BatchOptions> parsed = field.Name switch
            {
                "language" => Text(field, 2, LanguageCode(), OneLanguage, v => options with { Language = v }),
                "languages" => Languages(field, options),
                "outputLanguage" => Text(field, 2, LanguageCode(), OneLanguage, v => options with { OutputLanguage = v }),
                "speakers" => field.Value.ValueKind is JsonValueKind.True or JsonValueKind.False
                    ? options with { Speakers = field.Value.GetBoolean() }
                    : Invalid($"\"{field.Name}\" must be true or false."),
                "instructions" => Text(
                    field, MaxInstructions, null, $"text of at most {MaxInstructions} characters", v => options with { Instructions = v }),
                "vocabulary" => Text(field, MaxVocabulary, null, $"text of at most {MaxVocabulary} characters", v => options with { Vocabulary = v }),
                "detail" => Text(field, 4, DetailLevel(), "\"auto\", \"low\" or \"high\"", v => options with { Detail = v }),
                "maxEdge" => Number(field, 64, 8192, "pixels", v => options with { MaxEdge = v }),
                "chunkSeconds" => Number(field, 30, 3600, "seconds", v => options with { ChunkSeconds = v }),
                "start" => Text(
                    field, 6, StartModes(), "\"auto\" or \"manual\"",
                    v => options with { Start = v == "manual" ? StartMode.Manual : StartMode.Auto }),
                "patience" => Text(field, 4, Patience(), "\"flex\"", v => options with { Patience = v }),
                "illustration" => Illustration(field, options),
                "webhook" => Webhook(field, options),
                _ => Invalid(
                    $"there is no option \"{Shown(field.Name)}\". The options are language, languages, outputLanguage, speakers, instructions, "
                        + "vocabulary, detail, maxEdge, chunkSeconds, patience, illustration, start and webhook."),
            };
            if (!parsed.Succeeded) return parsed;
            options = parsed.Value;
        }

        if (options is { Language: not null, Languages: not null })
        {
            return Invalid(
                "\"language\" and \"languages\" both say what is spoken. Keep one of them, and set \"outputLanguage\" for what is written.");
        }

        return options;
    }

    /// <summary>The options as they are written into <c>batch.json</c>, without those that are not set.</summary>
    public static BinaryData Write(BatchOptions options)
    {
        var node = JsonSerializer.SerializeToNode(options, PipelineJson.Indented)!.AsObject();
        foreach (var unset in node.Where(p => p.Value is null).Select(p => p.Key).ToList()) node.Remove(unset);
        return BinaryData.FromString(node.ToJsonString(PipelineJson.Indented));
    }

    private static Outcome<BatchOptions> Text(JsonProperty field, int maxLength, Regex? pattern, string expected, Func<string, BatchOptions> set) =>
        field.Value.ValueKind == JsonValueKind.String && field.Value.GetString() is { } value && value.Length <= maxLength
            && pattern?.IsMatch(value) != false
            ? set(value)
            : Invalid($"\"{field.Name}\" must be {expected}.");

    private static Outcome<BatchOptions> Languages(JsonProperty field, BatchOptions options)
    {
        var codes = field.Value.ValueKind == JsonValueKind.Array
            ? field.Value.EnumerateArray().Select(v => v.ValueKind == JsonValueKind.String ? v.GetString()! : "").ToList()
            : [];
        return codes.Count is > 0 and <= MaxLanguages && codes.TrueForAll(code => LanguageCode().IsMatch(code))
            ? options with { Languages = codes.Distinct().ToList() }
            : Invalid($"\"{field.Name}\" must be one to {MaxLanguages} ISO 639-1 codes such as [\"de\", \"en\"].");
    }

    private static Outcome<BatchOptions> Number(JsonProperty field, int from, int to, string unit, Func<int, BatchOptions> set) =>
        field.Value.ValueKind == JsonValueKind.Number && field.Value.TryGetInt32(out var value) && value >= from && value <= to
            ? set(value)
            : Invalid($"\"{field.Name}\" must be a whole number from {from} to {to} ({unit}).");

    private static Outcome<BatchOptions> Illustration(JsonProperty field, BatchOptions options)
    {
        if (field.Value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return options with { Illustration = field.Value.GetBoolean() ? new IllustrationOptions() : null };
        }

        if (field.Value.ValueKind != JsonValueKind.Object) return Invalid("\"illustration\" must be true, false or an object with prompt, size and quality.");
        var wish = new IllustrationOptions();
        foreach (var member in field.Value.EnumerateObject())
        {
            var text = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : null;
            switch (member.Name)
            {
                case "prompt" when text is { Length: <= MaxPicturePrompt }:
                    wish = wish with { Prompt = text };
                    break;
                case "prompt":
                    return Invalid($"\"illustration.prompt\" must be text of at most {MaxPicturePrompt} characters.");
                case "size" when PictureSize.TryParse(text, out _):
                    wish = wish with { Size = text };
                    break;
                case "size":
                    return Invalid($"\"illustration.size\" must be a size such as \"1536x1024\": {PictureSize.Rule}.");
                case "quality" when text is not null && PictureQuality().IsMatch(text):
                    wish = wish with { Quality = text };
                    break;
                case "quality":
                    return Invalid("\"illustration.quality\" must be \"low\", \"medium\", \"high\", \"xhigh\" or \"max\".");
                default:
                    return Invalid($"there is no option \"illustration.{Shown(member.Name)}\". The options are prompt, size and quality.");
            }
        }

        return options with { Illustration = wish };
    }

    private static Outcome<BatchOptions> Webhook(JsonProperty field, BatchOptions options) =>
        field.Value.ValueKind == JsonValueKind.String && WebhookAddress.IsAllowed(field.Value.GetString())
            ? options with { Webhook = field.Value.GetString() }
            : Invalid("\"webhook\" must be an https address, or http on the loopback interface.");

    internal static Failure Invalid(string what) => new(FailureCodes.InvalidBatchOptions, $"{FileName}: {what}");

    private static string Shown(string name) => name.Length <= 40 ? name : name[..40] + "…";

    private static ReadOnlyMemory<byte> WithoutByteOrderMark(ReadOnlyMemory<byte> json) =>
        json.Span.StartsWith([(byte)0xEF, (byte)0xBB, (byte)0xBF]) ? json[3..] : json;

    [GeneratedRegex("^[a-z]{2}$", RegexOptions.CultureInvariant)]
    private static partial Regex LanguageCode();

    [GeneratedRegex("^(auto|low|high)$", RegexOptions.CultureInvariant)]
    private static partial Regex DetailLevel();

    [GeneratedRegex("^(low|medium|high|xhigh|max)$", RegexOptions.CultureInvariant)]
    private static partial Regex PictureQuality();

    [GeneratedRegex("^flex$", RegexOptions.CultureInvariant)]
    private static partial Regex Patience();

    [GeneratedRegex("^(auto|manual)$", RegexOptions.CultureInvariant)]
    private static partial Regex StartModes();
}
