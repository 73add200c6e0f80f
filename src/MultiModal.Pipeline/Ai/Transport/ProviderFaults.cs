using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Azure;
using Azure.Identity;

namespace MultiModal.Pipeline.Ai.Transport;

/// <summary>
/// Translates every way that a provider can fail. Messages name the engine and what to do; the provider's own text is
/// shortened, and never holds a key of ours.
/// </summary>
internal static class ProviderFaults
{
    private const int LongestQuote = 300;

    /// <summary>
    /// Whether the exception comes from the transport or the credential, a timeout included; any other is a defect and propagates.
    /// </summary>
    public static bool IsConnectionFault(Exception e) => e is
        ClientResultException or HttpRequestException or IOException or SocketException or OperationCanceledException
        or RequestFailedException or AuthenticationFailedException;

    public static ProviderReply<T> OfConnection<T>(string engine, Exception e) where T : notnull => e switch
    {
        AuthenticationFailedException => new(
            new Failure(
                FailureCodes.EngineUnauthorized,
                $"No Entra ID token could be obtained for {engine}. Sign in (az login), give the host an identity, or set a key."),
            Usage.None, null) { Sent = false, Standing = EngineStanding.Down },
        _ => new(
            new Failure(
                FailureCodes.EngineUnreachable,
                $"{engine} could not be reached ({Reason(e)}). Check the address, and whether the server is running and reachable from here.",
                Retryable: true),
            Usage.None, null, Transient: true) { Sent = !NeverConnected(e), Standing = EngineStanding.Down },
    };

    public static ProviderReply<T> TimedOut<T>(string engine, TimeSpan limit, string setting) where T : notnull => new(
        new Failure(
            FailureCodes.EngineUnreachable,
            string.Create(CultureInfo.InvariantCulture, $"{engine} did not answer within {limit.TotalSeconds:0.#} s ({setting})."),
            Retryable: true),
        Usage.None, null, Transient: true) { Standing = EngineStanding.Down, TookAllTime = true };

    /// <summary>The reply where nothing was sent, because flex has no capacity for longer than anybody waits for it.</summary>
    public static ProviderReply<T> NoCapacity<T>(string engine) where T : notnull => new(
        new Failure(FailureCodes.EngineRateLimited, $"{engine} has no capacity for flex.", Retryable: true), Usage.None, null)
        {
            Sent = false, Standing = EngineStanding.Busy, LacksCapacity = true,
        };

    /// <summary>The reply where nothing was sent, because the model keeps failing and another one stands in for it.</summary>
    public static ProviderReply<T> SetAside<T>(string engine) where T : notnull => new(
        new Failure(FailureCodes.EngineUnreachable, $"{engine} keeps failing and was not asked.", Retryable: true), Usage.None, null)
        {
            Sent = false, Standing = EngineStanding.Down, IsSetAside = true,
        };

    /// <summary>The failure for a 2xx answer that does not match the API: cut off, or not from the API at all.</summary>
    public static ProviderReply<T> Unreadable<T>(string engine, int status) where T : notnull => new(
        new Failure(
            FailureCodes.EngineBadAnswer,
            $"The answer of {engine} is cut off, or it is not the JSON of the API. If this happens again, check that the address is that of the API.", Retryable: true),
        Usage.None, status, Transient: true) { Standing = EngineStanding.Down };

    public static ProviderReply<T> OfResponse<T>(string engine, PipelineResponse response, DateTimeOffset now) where T : notnull
    {
        var error = ProviderError.Read(response.Content.ToMemory());
        var said = error.Message is { Length: > 0 } message ? $" The provider said: {Shorten(message)}" : "";
        var status = response.Status;
        var retryAfter = RetryAfter.Read(response.Headers, now);
        var standing = status switch
        {
            401 or 403 or 404 or 408 or >= 500 => EngineStanding.Down,
            429 => error.Is("insufficient_quota") ? EngineStanding.Down : EngineStanding.Busy,
            _ => EngineStanding.Answers,
        };
        return status switch
        {
            401 or 403 => Final(
                FailureCodes.EngineUnauthorized,
                $"{engine} refused our credentials (HTTP {status}). Check the key, or the identity's role (Cognitive Services OpenAI User)."),
            404 => Final(
                FailureCodes.DeploymentNotFound,
                $"{engine} does not exist (HTTP 404). Check the name of the deployment or model, and the address.{said}") with
            {
                Remedy = error.Is("DeploymentNotFound") ? ReplyRemedy.OtherPath : ReplyRemedy.None,
            },
            429 when error.Is("insufficient_quota") => Final(
                FailureCodes.EngineRateLimited, $"The quota of {engine} is used up. Raise it or wait for the next period.", retryable: true),
            429 => Again(
                FailureCodes.EngineRateLimited,
                $"{engine} is rate-limited. Start the batch again later, lower Ai:MaxConcurrency, or raise the quota."),
            408 or >= 500 => Again(FailureCodes.EngineFault, $"{engine} failed (HTTP {status}). Start the batch again later.{said}"),
            _ when error.IsContentFilter => Final(FailureCodes.ContentFiltered, $"The content filter of {engine} refused this input."),
            _ when error.Is("context_length_exceeded") => Final(
                FailureCodes.PromptTooLong,
                $"The input is longer than the context window of {engine}. Lower Ai:SynthesisInputTokens, or set ContextTokens."),
            400 or 422
                when error.ConcernsTier => Final(
                    FailureCodes.EngineRejected, $"{engine} does not offer this service tier.{said}") with { Remedy = ReplyRemedy.StandardTier },
            400 or 422
                when error.ConcernsFormat => Final(
                    FailureCodes.EngineRejected, $"{engine} does not accept this answer format.{said}") with { Remedy = ReplyRemedy.LooserFormat },
            400 or 422
                when error.ConcernsCaching => Final(
                    FailureCodes.EngineRejected,
                    $"{engine} does not know how prompts are cached.{said}") with { Remedy = ReplyRemedy.SilenceOnCaching },
            _ => Final(
                FailureCodes.EngineRejected,
                $"{engine} rejected the request (HTTP {status}). If it refuses a parameter, set ModelFamily to the model behind the deployment.{said}"),
        };

        ProviderReply<T> Final(string code, string message, bool retryable = false) =>
            new(new Failure(code, message, retryable), Usage.None, status) { Standing = standing };

        ProviderReply<T> Again(string code, string message) =>
            new(new Failure(code, message, Retryable: true), Usage.None, status, Transient: true, RetryAfter: retryAfter)
            {
                Standing = standing,
            };
    }

    public static string Shorten(string text)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= LongestQuote ? line : $"{line[..LongestQuote]}…";
    }

    private static bool NeverConnected(Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostNotFound or SocketError.HostUnreachable
                or SocketError.NetworkUnreachable or SocketError.TryAgain }) return true;
            if (inner is HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
                or HttpRequestError.ProxyTunnelError }) return true;
        }

        return false;
    }

    private static string Reason(Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException socket) return socket.SocketErrorCode.ToString();
            if (inner is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown
                and not HttpRequestError.ConnectionError } http) return http.HttpRequestError.ToString();
        }

        return e is OperationCanceledException ? "given up while connecting" : "connection lost";
    }

    /// <summary>
    /// The error object of the OpenAI API: <c>{"error": {"code", "message", "param", "innererror": {"code"}}}</c>;
    /// some servers omit the outer object.
    /// </summary>
    private sealed record ProviderError(string? Code, string? InnerCode, string? Param, string? Message)
    {
        private static readonly ProviderError None = new(null, null, null, null);

        public bool IsContentFilter =>
            Is("content_filter") || Is("content_policy_violation") || Is("moderation_blocked") || InnerCode == "ResponsibleAIPolicyViolation";

        public bool ConcernsFormat =>
            Mentions("response_format") || Mentions("json_schema") || Mentions("json_object");

        public bool ConcernsTier => Mentions("service_tier");

        public bool ConcernsCaching => Mentions("prompt_cache");

        public bool Is(string code) => Code == code;

        public static ProviderError Read(ReadOnlyMemory<byte> body)
        {
            try
            {
                using var document = JsonDocument.Parse(body);
                var root = document.RootElement;
                if (root.ValueKind != JsonValueKind.Object) return None;
                var error = root.TryGetProperty("error", out var e) ? e : root;
                if (error.ValueKind == JsonValueKind.String) return None with { Message = error.GetString() };
                if (error.ValueKind != JsonValueKind.Object) return None;
                var inner = error.TryGetProperty("innererror", out var i) && i.ValueKind == JsonValueKind.Object ? Text(i, "code") : null;
                return new(Text(error, "code"), inner, Text(error, "param"), Text(error, "message"));
            }
            catch (JsonException)
            {
                return None;
            }
        }

        private bool Mentions(string word) =>
            Param?.Contains(word, StringComparison.OrdinalIgnoreCase) == true || Message?.Contains(word, StringComparison.OrdinalIgnoreCase) == true;

        private static string? Text(JsonElement element, string name) =>
            element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }
}
