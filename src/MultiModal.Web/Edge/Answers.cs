using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MultiModal.Pipeline;

namespace MultiModal.Web.Edge;

/// <summary>Answers of the handlers.</summary>
internal static partial class Answers
{
    /// <summary>Creates RFC 9457 problem details with a stable <c>code</c>, and the <c>traceId</c> of the request.</summary>
    public static IResult Problem(string code, string detail, TimeSpan? retryAfter = null)
    {
        var problem = new ProblemAnswer(code, detail);
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

    /// <summary>
    /// A problem is written here and not by a host's own service for problems, so that it is the same on all hosts. It leaves a line in the log, by
    /// which its caller's id can be found: a fault has left its own already.
    /// </summary>
    private sealed partial class ProblemAnswer(string code, string detail) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var status = ProblemCodes.StatusOf(code);
            var traceId = RequestTrace.IdOf(httpContext);
            var problem = TypedResults.Problem(detail, statusCode: status).ProblemDetails;
            problem.Extensions["code"] = code;
            problem.Extensions["traceId"] = traceId;
            if (status < StatusCodes.Status500InternalServerError
                && httpContext.RequestServices.GetService<ILoggerFactory>()?.CreateLogger(typeof(Answers).FullName!) is { } logger)
            {
                LogProblem(logger, httpContext.Request.Method, status, code, traceId);
            }

            return TypedResults.Json(problem, contentType: "application/problem+json", statusCode: status).ExecuteAsync(httpContext);
        }

        [LoggerMessage(LogLevel.Debug, "A {Method} request was answered with {Status} {Code} (trace {TraceId})")]
        private static partial void LogProblem(ILogger logger, string method, int status, string code, string traceId);
    }

    private sealed class AnswerWithHeader(IResult answer, string name, string value) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers[name] = value;
            return answer.ExecuteAsync(httpContext);
        }
    }
}
