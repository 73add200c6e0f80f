using System.Globalization;
using Microsoft.AspNetCore.Http;
using MultiModal.Pipeline;

namespace MultiModal.Web.Edge;

/// <summary>Answers of the handlers.</summary>
internal static class Answers
{
    /// <summary>Creates RFC 9457 problem details with a stable <c>code</c>.</summary>
    public static IResult Problem(string code, string detail, TimeSpan? retryAfter = null)
    {
        var problem = TypedResults.Problem(
            detail, statusCode: ProblemCodes.StatusOf(code), extensions: new Dictionary<string, object?> { ["code"] = code });
        return retryAfter is { } wait ? problem.RetryAfter(wait) : problem;
    }

    public static IResult Problem(Failure failure) => Problem(failure.Code, failure.Message);

    /// <summary>Creates an answer that describes the current state and must not be cached.</summary>
    public static IResult Json<T>(T value, int status = StatusCodes.Status200OK) =>
        TypedResults.Json(value, PipelineJson.Options, statusCode: status).With("Cache-Control", "no-store");

    public static IResult RetryAfter(this IResult answer, TimeSpan wait) =>
        answer.With("Retry-After", ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture));

    /// <param name="answer">The answer.</param>
    /// <param name="name">Name of the header.</param>
    /// <param name="value">Value in ASCII without control characters; names are percent-encoded before.</param>
    public static IResult With(this IResult answer, string name, string value) => new AnswerWithHeader(answer, name, value);

    private sealed class AnswerWithHeader(IResult answer, string name, string value) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers[name] = value;
            return answer.ExecuteAsync(httpContext);
        }
    }
}
