using System.ClientModel.Primitives;
using System.Globalization;
using System.Net.Http.Headers;

namespace MultiModal.Pipeline.Ai.Transport;

/// <summary>The time that a response asks us to wait.</summary>
internal static class RetryAfter
{
    /// <summary>
    /// The value of <c>retry-after-ms</c> (Azure OpenAI; finer, so it wins), or of <c>Retry-After</c> in seconds or
    /// as a date (RFC 9110, 10.2.3); null for neither.
    /// </summary>
    public static TimeSpan? Read(PipelineResponseHeaders headers, DateTimeOffset now)
    {
        if (headers.TryGetValue("retry-after-ms", out var text)
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var ms)
            && ms is >= 0 and <= int.MaxValue)
        {
            return TimeSpan.FromMilliseconds(ms);
        }

        if (!headers.TryGetValue("Retry-After", out text) || !RetryConditionHeaderValue.TryParse(text, out var value)) return null;
        if (value.Delta is { } delta) return delta;
        return value.Date is { } date && date > now ? date - now : TimeSpan.Zero;
    }
}
