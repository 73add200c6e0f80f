using Azure;
using Azure.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Webhooks;

namespace MultiModal.Web.Edge;

/// <summary>The single edge of the API: names are checked here and faults become problem details here, and nowhere else.</summary>
public sealed partial class ApiEdge(IOptions<PipelineOptions> options, ILogger<ApiEdge> logger)
{
    private static readonly TimeSpan StorageRetry = TimeSpan.FromSeconds(5);

    /// <summary>Answers a request about a batch.</summary>
    /// <param name="request">The request.</param>
    /// <param name="batch">The batch's name as in the route; a slash in it may still be percent-encoded.</param>
    /// <param name="answer">The handler, called with a valid name.</param>
    public Task<IResult> AnswerAsync(HttpRequest request, string batch, Func<BatchName, CancellationToken, Task<IResult>> answer) =>
        AnswerAsync(request, async cancellationToken =>
        {
            var name = ParseBatch(RouteText.Decode(batch));
            return name.Succeeded ? await answer(name.Value, cancellationToken) : Answers.Problem(name.Failure);
        });

    public async Task<IResult> AnswerAsync(HttpRequest request, Func<CancellationToken, Task<IResult>> answer)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(answer);
        var aborted = request.HttpContext.RequestAborted;
        if (IsForged(request)) return Answers.Problem(ProblemCodes.CrossSiteRequest, "A page of another site may not change anything here.");
        if (request.Headers.ContainsKey(CompletionWebhook.DeliveryHeader))
        {
            return Answers.Problem(
                ProblemCodes.WebhookDelivery,
                $"This API takes no webhook deliveries, which carry {CompletionWebhook.DeliveryHeader}: a batch names where they go.");
        }

        try
        {
            return new GuardedAnswer(this, await answer(aborted));
        }
        catch (Exception e)
        {
            return Explain(e, request);
        }
    }

    /// <returns>The name, or <c>invalid-batch-name</c>.</returns>
    public Outcome<BatchName> ParseBatch(string text)
    {
        if (!BatchName.TryParse(text, out var batch))
        {
            return new Failure(
                ProblemCodes.InvalidBatchName,
                "A batch name has 1 to 1,024 characters, no empty, '.' or '..' segment, no segment that begins or ends with a space, no control "
                    + "character and no backslash.");
        }

        return batch.IsWithin(options.Value.BatchDepth)
            ? batch
            : new Failure(ProblemCodes.InvalidBatchName, $"A batch name has at most {options.Value.BatchDepth} segments here (Pipeline:BatchDepth).");
    }

    /// <returns>The name, or <c>invalid-file-name</c>.</returns>
    public Outcome<ItemName> ParseFile(BatchName batch, string? text) => ItemName.TryParse(batch, options.Value.BatchDepth, text, out var name)
        ? name
        : new Failure(
            ProblemCodes.InvalidFileName,
            "A file name is a path within its batch: at most 1,024 characters together with the batch's name, no empty, '.' or '..' segment, no "
                + "segment that begins or ends with a space, no control character and no backslash.");

    /// <summary>Logs a fault and answers with the problem that it is for the caller.</summary>
    private IResult Explain(Exception fault, HttpRequest request)
    {
        var traceId = RequestTrace.IdOf(request.HttpContext);
        switch (fault)
        {
            case not null when request.HttpContext.RequestAborted.IsCancellationRequested:
                LogAborted(fault, request.Method, traceId);
                return TypedResults.StatusCode(StatusCodes.Status499ClientClosedRequest);
            case BadHttpRequestException e:
                LogRefused(e, e.StatusCode, traceId);
                return e.StatusCode == StatusCodes.Status413PayloadTooLarge
                    ? Answers.Problem(ProblemCodes.BodyTooLarge, "The request is larger than this host accepts.")
                    : Answers.Problem(ProblemCodes.BadRequest, "The request could not be read.");
            case not null when IsStorageFault(fault):
                LogStorage(fault, traceId);
                return Answers.Problem(ProblemCodes.StorageUnavailable, "The storage account does not answer as it should. Try again.", StorageRetry);
            default:
                LogBroken(fault!, traceId);
                return Answers.Problem(ProblemCodes.InternalError, "This host has a fault. Its log has the details, by traceId.");
        }
    }

    /// <summary>
    /// Whether a request comes from another site. Browsers state the origin of every request (Fetch Metadata); other clients do not.
    /// </summary>
    private static bool IsForged(HttpRequest request) =>
        !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method)
            && request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site";

    private static bool IsStorageFault(Exception fault) => fault switch
    {
        RequestFailedException or AuthenticationFailedException => true,
        AggregateException e => e.InnerExceptions.All(IsStorageFault),
        _ => false,
    };

    /// <summary>An answer whose faults are explained too, where it is written only after its handler has ended, as a stream is.</summary>
    private sealed class GuardedAnswer(ApiEdge edge, IResult answer) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            try
            {
                await answer.ExecuteAsync(httpContext);
            }
            catch (Exception e) when (!httpContext.Response.HasStarted)
            {
                httpContext.Response.Clear();
                await edge.Explain(e, httpContext.Request).ExecuteAsync(httpContext);
            }
            catch (Exception e)
            {
                // A part of the content has been sent. Only the end of the connection says that the rest does not come.
                edge.LogBrokenOff(e, httpContext.Request.Method, RequestTrace.IdOf(httpContext));
                httpContext.Abort();
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The answer to a {Method} request was broken off (trace {TraceId})")]
    private partial void LogBrokenOff(Exception fault, string method, string traceId);

    [LoggerMessage(LogLevel.Debug, "The caller of a {Method} request disconnected (trace {TraceId})")]
    private partial void LogAborted(Exception fault, string method, string traceId);

    [LoggerMessage(LogLevel.Information, "A request was refused with {Status} (trace {TraceId})")]
    private partial void LogRefused(Exception fault, int status, string traceId);

    [LoggerMessage(LogLevel.Error, "A request failed because of a fault of the storage account (trace {TraceId})")]
    private partial void LogStorage(Exception fault, string traceId);

    [LoggerMessage(LogLevel.Error, "A request failed because of a fault of this host (trace {TraceId})")]
    private partial void LogBroken(Exception fault, string traceId);
}
