using System.Buffers;
using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Encodings.Web;
using System.Text.Json;
using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Ai.Transport;
using OpenAI.Chat;

namespace MultiModal.Pipeline.Ai.Chat;

/// <summary>
/// Asks a chat model for JSON of a given schema. The request is written here, by the protocol method, because the parameters that it may contain
/// differ by model, and Azure.AI.OpenAI 2.1.0 would decide for itself (it writes max_tokens). A server that does not know an answer format is asked
/// in a looser one from then on, one that does not offer flex is asked plainly from then on, and one that does not know how its cache is spoken of
/// hears no more of it. An answer of another shape is sent back once. One that ended at its maximum length is kept as far as it goes; where nothing
/// can be kept, it is asked for once more with all the room that the model has.
/// </summary>
internal sealed class StructuredChat(
    string engine,
    string model,
    ChatFamily family,
    ChatClient client,
    ProviderRetry retry,
    TimeProvider clock)
{
    // Base64 and every script stay as they are; the default encoder is for HTML and would make "+" six characters.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private volatile AnswerFormat format = family.Format;
    private volatile PromptCacheTerms caching = family.Caching;
    private volatile bool refusesFlex;

    public async Task<EngineAnswer<T>> AskAsync<T>(StructuredQuestion<T> question, CancellationToken cancellationToken) where T : notnull
    {
        var attempts = new List<EngineAttempt>();
        var usage = Usage.None;
        Repair? repair = null;
        var room = question.AnswerTokens ?? family.OutputTokens;
        var (patient, blamed) = (question.Flex, false);
        while (true)
        {
            var (asked, cache, flex) = (format, caching, patient && !refusesFlex);
            var body = Body(question, asked, cache, room, repair, flex);
            var run = flex
                ? await retry.RunFlexAsync(token => SendAsync(question, body, token), cancellationToken)
                : await retry.RunAsync(token => SendAsync(question, body, token), cancellationToken);
            attempts.AddRange(run.Attempts);
            usage += run.Usage;

            // What was refused at flex and is answered without it was refused for the tier, whatever the refusal said.
            if (blamed && run.Last.Status is >= 200 and < 300) refusesFlex = true;
            if (flex && run.Last.LacksCapacity)
            {
                patient = false;
            }
            else if (flex && run.Last.Remedy == ReplyRemedy.StandardTier)
            {
                refusesFlex = true;
            }
            else if (flex && run.Last is { Remedy: ReplyRemedy.None, Status: 400 or 422, Outcome.Failure.Code: FailureCodes.EngineRejected })
            {
                (patient, blamed) = (false, true);
            }
            else if (run.Last.Remedy == ReplyRemedy.LooserFormat && asked != AnswerFormat.Text)
            {
                format = asked + 1;
            }
            else if (run.Last.Remedy == ReplyRemedy.SilenceOnCaching && cache != PromptCacheTerms.Unknown)
            {
                caching = PromptCacheTerms.Unknown;
            }
            else if (run.Last.Remedy == ReplyRemedy.MoreRoom && room < family.MaxOutputTokens)
            {
                room = family.MaxOutputTokens;
            }
            else if (run.Last.Remedy == ReplyRemedy.Repair && repair is null)
            {
                repair = new Repair(run.Last.BadAnswer, run.Last.Outcome.Failure!.Message);
            }
            else
            {
                return run.AnswerAfter(usage, attempts);
            }
        }
    }

    private async Task<ProviderReply<T>> SendAsync<T>(StructuredQuestion<T> question, BinaryData body, CancellationToken cancellationToken)
        where T : notnull
    {
        using var content = BinaryContent.Create(body);
        var result = await client.CompleteChatAsync(content, ProviderConnection.Options(cancellationToken));
        var response = result.GetRawResponse();
        return response.Status is >= 200 and < 300 ? Read(question, response) : ProviderFaults.OfResponse<T>(engine, response, clock.GetUtcNow());
    }

    private ProviderReply<T> Read<T>(StructuredQuestion<T> question, PipelineResponse response) where T : notnull
    {
        var status = response.Status;
        try
        {
            using var document = JsonDocument.Parse(response.Content.ToMemory());
            var root = document.RootElement;
            var usage = ProviderUsage.OfChat(root);
            var choice = root.GetProperty("choices")[0];
            var message = choice.GetProperty("message");
            var finish = Text(choice, "finish_reason");
            var content = Text(message, "content");

            if (finish == "content_filter" || Text(message, "refusal") is { Length: > 0 })
            {
                var why = finish == "content_filter" ? "The content filter" : "The model";
                return new(new Failure(FailureCodes.ContentFiltered, $"{why} of {engine} refused to answer about this input."), usage, status);
            }

            if (finish == "length")
            {
                return ReadCut(question, content) is { } kept
                    ? new(kept, usage, status)
                    : new(
                        new Failure(FailureCodes.AnswerCut, $"The answer of {engine} ended at its maximum length, and nothing of it can be kept."),
                        usage, status, Remedy: ReplyRemedy.MoreRoom);
            }

            if (string.IsNullOrWhiteSpace(content)) return Bad("The answer was empty.", null);
            var reading = ReadAnswer(question, content);
            return reading.Usable ? new(reading.Value, usage, status) : Bad(reading.Problem, content);

            ProviderReply<T> Bad(string problem, string? answer) => new(
                new Failure(FailureCodes.EngineBadAnswer, $"{engine} did not answer as asked: {problem}", Retryable: true),
                usage, status, Remedy: ReplyRemedy.Repair, BadAnswer: answer);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or IndexOutOfRangeException or InvalidOperationException)
        {
            return ProviderFaults.Unreadable<T>(engine, status);
        }
    }

    /// <returns>The value of an answer as far as it goes, marked as cut; no outcome where nothing of it is of use.</returns>
    private static Outcome<T>? ReadCut<T>(StructuredQuestion<T> question, string? content) where T : notnull
    {
        var from = content?.IndexOf('{', StringComparison.Ordinal) ?? -1;
        if (from < 0 || CutAnswer.Read(content![from..], question.Schema) is not { } answer || PromptEcho.IsIn(answer, question.System)) return null;
        var reading = question.Read(answer);
        return reading.Usable ? question.MarkCut(reading.Value) : null;
    }

    private static Reading<T> ReadAnswer<T>(StructuredQuestion<T> question, string content) where T : notnull
    {
        // Without an enforced format, models put fences or a sentence around the object.
        var from = content.IndexOf('{', StringComparison.Ordinal);
        var to = content.LastIndexOf('}');
        if (from < 0 || to < from) return Reading<T>.Wrong("The answer is not a JSON object.");
        try
        {
            using var answer = JsonDocument.Parse(content.AsMemory(from, to - from + 1));
            return PromptEcho.IsIn(answer.RootElement, question.System)
                ? Reading<T>.Wrong("The answer repeats its instructions instead of what the input holds.")
                : question.Read(answer.RootElement);
        }
        catch (JsonException)
        {
            return Reading<T>.Wrong("The answer is not valid JSON.");
        }
    }

    private BinaryData Body<T>(
        StructuredQuestion<T> question, AnswerFormat asked, PromptCacheTerms cache, int room, Repair? repair, bool flex) where T : notnull
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("model", model);
            json.WriteNumber(family.OutputLimit, room);
            if (flex) json.WriteString("service_tier", "flex");
            if (family.Temperature) json.WriteNumber("temperature", 0);
            if (family.ReasoningEffort is { } effort) json.WriteString("reasoning_effort", effort);
            PromptCaching.Write(json, question, cache);
            WriteFormat(json, question, asked);
            json.WriteStartArray("messages");
            WriteMessage(json, "system", asked == AnswerFormat.JsonSchema
                ? question.System
                : $"{question.System}\n\nAnswer with one JSON object that fits this JSON schema, and nothing else:\n{question.Schema}");
            json.WriteStartObject();
            json.WriteString("role", "user");
            json.WriteStartArray("content");
            question.WriteParts(json, cache == PromptCacheTerms.PaidWrites && PromptCaching.HasLongFixedPart(question));
            json.WriteEndArray();
            json.WriteEndObject();
            if (repair is not null)
            {
                if (repair.Answer is not null) WriteMessage(json, "assistant", repair.Answer);
                WriteMessage(json, "user", $"That answer can't be used. {repair.Problem} Answer again, with the JSON object alone.");
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return new BinaryData(buffer.WrittenMemory);
    }

    private static void WriteFormat<T>(Utf8JsonWriter json, StructuredQuestion<T> question, AnswerFormat asked) where T : notnull
    {
        if (asked == AnswerFormat.Text) return;
        json.WriteStartObject("response_format");
        if (asked == AnswerFormat.JsonSchema)
        {
            json.WriteString("type", "json_schema");
            json.WriteStartObject("json_schema");
            json.WriteString("name", question.Name);
            json.WriteBoolean("strict", true);
            json.WritePropertyName("schema");
            json.WriteRawValue(question.Schema);
            json.WriteEndObject();
        }
        else
        {
            json.WriteString("type", "json_object");
        }

        json.WriteEndObject();
    }

    private static void WriteMessage(Utf8JsonWriter json, string role, string content)
    {
        json.WriteStartObject();
        json.WriteString("role", role);
        json.WriteString("content", content);
        json.WriteEndObject();
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private sealed record Repair(string? Answer, string Problem);
}
