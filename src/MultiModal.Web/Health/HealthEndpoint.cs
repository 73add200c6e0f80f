using Microsoft.AspNetCore.Http;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;
using MultiModal.Web.Edge;

namespace MultiModal.Web.Health;

/// <summary>Reports whether this host can work: whether it and its storage account answer.</summary>
public sealed class HealthEndpoint(ApiEdge edge, IBatchHost host, MediaAccount account, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary><c>GET /healthz</c></summary>
    public Task<IResult> ReadAsync(HttpRequest request) => edge.AnswerAsync(request, async cancellationToken =>
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            return (await account.State.ExistsAsync(limit.Token)).Value
                ? Answers.Json(new HealthReport("healthy", host.Kind))
                : Answers.Problem(ProblemCodes.StorageUnavailable, "The storage account answers, but its containers do not exist.", Patience);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return Answers.Problem(
                ProblemCodes.StorageUnavailable, $"The storage account did not answer within {Patience.TotalSeconds:0} seconds.", Patience);
        }
    });
}

/// <summary>The answer of a healthy host; an unhealthy one answers with a problem.</summary>
/// <param name="Status">Status of the host, always <c>healthy</c>.</param>
/// <param name="Host">Kind of the host: <c>local</c> or <c>functions</c>.</param>
public sealed record HealthReport(string Status, string Host);
