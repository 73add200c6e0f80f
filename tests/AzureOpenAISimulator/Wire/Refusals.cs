using System.Globalization;
using System.Text.Json.Nodes;

namespace AzureOpenAISimulator.Wire;

/// <summary>
/// The errors of the real services, word for word where the words are public: recordings in openai/openai-dotnet <c>tests/SessionRecords</c>
/// (AuthFailure, GetModelCanParseServiceError, BadTranscriptionRequest), and errors quoted in public issues (named at each).
/// Azure's gateway says <c>{error:{code,message}}</c>; what comes from the model says <c>{error:{message,type,param,code}}</c> on both.
/// </summary>
public static class Refusals
{
    public static WireException Gateway(int status, string code, string message) =>
        new(status, new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = message } });

    public static WireException Invalid(
        string message, string? param = null, string? code = null, int status = 400, string type = "invalid_request_error") =>
        new(status, new JsonObject { ["error"] = Error(message, type, param, code) });

    /// <summary>A value that is none of those that a parameter takes.</summary>
    public static WireException NotOneOf(string value, IReadOnlyList<string> taken, string param)
    {
        var quoted = taken.Select(one => $"'{one}'").ToList();
        var listed = quoted.Count < 3 ? string.Join(" and ", quoted) : $"{string.Join(", ", quoted[..^1])}, and {quoted[^1]}";
        return Invalid($"Invalid value: '{value}'. Supported values are: {listed}.", param, "invalid_value");
    }

    public static WireException NotJson() => Invalid(
        "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. "
        + "The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)");

    public static WireException WrongKey(Dialect dialect, string? offered)
    {
        if (dialect != Dialect.OpenAI)
        {
            return Gateway(
                401, "401",
                "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription "
                + "and use a correct regional API endpoint for your resource.");
        }
        return offered is null
            ? Invalid(
                "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth "
                + "(i.e. Authorization: Bearer YOUR_KEY).",
                status: 401)
            : Invalid(
                $"Incorrect API key provided: {Masked(offered)}. You can find your API key at https://platform.openai.com/account/api-keys.",
                code: "invalid_api_key", status: 401);
    }

    public static WireException WrongToken() => Gateway(
        401, "401",
        "Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired.");

    /// <summary>An unknown dated api-version on a deployment path, and every unknown path.</summary>
    public static WireException ResourceNotFound() => Gateway(404, "404", "Resource not found");

    /// <summary>For <c>/openai/v1</c> with a dated version; the wording is ours, no public source was found.</summary>
    public static WireException ApiVersionNotSupported() => Gateway(400, "BadRequest", "API version not supported");

    /// <summary>microsoft/genaiscript#1121 quotes this, placeholder included.</summary>
    public static WireException ApiVersionTooOld(string earliest) =>
        Gateway(400, "BadRequest", $"Model {{modelName}} is enabled only for api versions {earliest} and later");

    /// <summary>chatboxai/chatbox#646; OpenAI's own from its public error reference.</summary>
    public static WireException UnknownModel(Dialect dialect, string name) => dialect != Dialect.OpenAI
        ? Gateway(
            404, "DeploymentNotFound",
            "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, "
            + "please wait a moment and try again.")
        : Invalid($"The model `{name}` does not exist or you do not have access to it.", code: "model_not_found", status: 404);

    public static WireException WrongOperation(Dialect dialect, CallKind kind, string model)
    {
        if (dialect != Dialect.OpenAI)
        {
            var operation = kind switch
            {
                CallKind.Chat => "chatCompletion",
                CallKind.Transcription => "audioTranscription",
                _ => "imageGeneration",
            };
            return Gateway(
                400, "OperationNotSupported",
                $"The {operation} operation does not work with the specified model, {model}. Please choose different model and try again. You can "
                + "learn more about which models can be used with each operation here: https://go.microsoft.com/fwlink/?linkid=2197993.");
        }
        return kind switch
        {
            CallKind.Chat => Invalid(
                "This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?",
                "model", status: 404),
            CallKind.Transcription => Invalid("invalid model, only whisper-1, gpt-4o-transcribe and gpt-4o-mini-transcribe can be used", "model"),
            _ => Invalid($"The model '{model}' does not make images.", "model", "invalid_value"),
        };
    }

    /// <summary>compl-ai/compl-ai#20 quotes the body.</summary>
    public static WireException PromptFiltered()
    {
        const string words = "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your "
            + "prompt and retry. To learn more about our content filtering policies please read our documentation: "
            + "https://go.microsoft.com/fwlink/?linkid=2198766";
        var error = Error(words, null, "prompt", "content_filter");
        error["status"] = 400;
        error["innererror"] = new JsonObject
        {
            ["code"] = "ResponsibleAIPolicyViolation",
            ["content_filter_result"] = ContentFilter.Results(filtered: true),
        };
        return new(400, new JsonObject { ["error"] = error });
    }

    /// <summary>A prompt that no picture is made of; both providers answer so for the gpt-image models.</summary>
    public static WireException PictureRefused() => Invalid(
        "Your request was rejected by the safety system. If you believe this is an error, contact us at help.openai.com.",
        code: "moderation_blocked", type: "image_generation_user_error");

    /// <summary>
    /// jasonacox/TinyLLM#17 (Azure) and openai/openai-dotnet#404 (OpenAI) quote the bodies; the headers are Azure's documented ones.
    /// </summary>
    public static WireException TooManyRequests(
        Dialect dialect, CallKind kind, string model, string? apiVersion, int? retryAfterSeconds, int? retryAfterMs)
    {
        var headers = RetryAfter(retryAfterSeconds);
        if (retryAfterMs is { } ms) headers["retry-after-ms"] = ms.ToString(CultureInfo.InvariantCulture);
        var operation = kind switch
        {
            CallKind.Chat => "ChatCompletions_Create",
            CallKind.Transcription => "Transcriptions_Create",
            _ => "ImageGenerations_Create",
        };
        var wait = retryAfterSeconds ?? Math.Max(1, (retryAfterMs ?? 1000) / 1000);
        if (dialect == Dialect.OpenAI)
        {
            var words = $"Rate limit reached for {model} in organization org-simulated on requests per min (RPM): Limit 500, Used 500, Requested 1. "
                + $"Please try again in {wait}s. Visit https://platform.openai.com/account/rate-limits to learn more.";
            return new(429, new JsonObject { ["error"] = Error(words, "requests", null, "rate_limit_exceeded") }, headers);
        }
        var message = $"Requests to the {operation} Operation under Azure OpenAI API version {apiVersion ?? "v1"} have exceeded call rate limit of "
            + $"your current OpenAI S0 pricing tier. Please retry after {wait} seconds. Please go here: https://aka.ms/oai/quotaincrease if you "
            + "would like to further increase the default rate limit.";
        return new(429, new JsonObject { ["error"] = new JsonObject { ["code"] = "429", ["message"] = message } }, headers);
    }

    /// <summary>
    /// A tier that the model is not offered at: 400 with the type <c>invalid_request_error</c>, and no falling back to another tier
    /// (Azure OpenAI, "Flex processing", 2026-09-24). The words are ours.
    /// </summary>
    public static WireException FlexNotOffered(string model) =>
        Invalid($"The service tier 'flex' is not supported with the model {model}.", "service_tier", "invalid_request_error");

    /// <summary>Flex without capacity, on both; not billed ("Flex processing": 429 Resource Unavailable).</summary>
    public static WireException ResourceUnavailable(int? retryAfterSeconds) => new(
        429,
        new JsonObject { ["error"] = Error("Resource Unavailable", "resource_unavailable", null, "resource_unavailable") },
        RetryAfter(retryAfterSeconds));

    public static WireException ServerError(Dialect dialect, int status, int? retryAfterSeconds = null)
    {
        var (code, message) = status switch
        {
            503 => (
                "ServiceUnavailable",
                "The server is currently overloaded with other requests. Sorry about that! You can retry your request, or contact us through an "
                + "Azure support request if the error persists."),
            502 => ("BadGateway", "The gateway received an invalid response from an upstream server."),
            408 => ("RequestTimeout", "The request timed out before it was worked on."),
            504 => ("GatewayTimeout", "The gateway did not receive a response from an upstream server in time."),
            _ => ("InternalServerError", "The server had an error while processing your request. Sorry about that!"),
        };
        var body = dialect != Dialect.OpenAI
            ? new JsonObject { ["code"] = code, ["message"] = message }
            : Error(message, "server_error", null, null);
        return new(status, new JsonObject { ["error"] = body }, RetryAfter(retryAfterSeconds));
    }

    public static JsonObject Error(string message, string? type, string? param, string? code) =>
        new() { ["message"] = message, ["type"] = type, ["param"] = param, ["code"] = code };

    private static Dictionary<string, string> RetryAfter(int? retryAfterSeconds)
    {
        var headers = new Dictionary<string, string>();
        if (retryAfterSeconds is { } seconds) headers["Retry-After"] = seconds.ToString(CultureInfo.InvariantCulture);
        return headers;
    }

    private static string Masked(string key) =>
        key.Length <= 11 ? new string('*', key.Length) : $"{key[..7]}{new string('*', key.Length - 11)}{key[^4..]}";
}
