using Microsoft.AspNetCore.Http;
using MultiModal.Pipeline.Ai.Selection;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;
using MultiModal.Web.Edge;

namespace MultiModal.Web.Health;

/// <summary>
/// Reports whether this host can work: whether it and its storage account answer. A model that ends soon or has ended, and a fallback that has to
/// answer, make it <c>degraded</c>, which is an answer of 200 still: the host works, and to restart it would help nobody.
/// </summary>
public sealed class HealthEndpoint(ApiEdge edge, IBatchHost host, MediaAccount account, ModelWatch models, EngineFactory engines, TimeProvider time)
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
                ? Answers.Json(Report(models.Warnings, engines.ServingFallbacks))
                : Answers.Problem(ProblemCodes.StorageUnavailable, "The storage account answers, but its containers do not exist.", Patience);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return Answers.Problem(
                ProblemCodes.StorageUnavailable, $"The storage account did not answer within {Patience.TotalSeconds:0} seconds.", Patience);
        }
    });

    private HealthReport Report(IReadOnlyList<ModelWarning> warnings, IReadOnlyList<ServingFallback> fallbacks) =>
        new(warnings.Count + fallbacks.Count == 0 ? "healthy" : "degraded", host.Kind, warnings, fallbacks);
}

/// <summary>The answer of a host that works; one that does not answers with a problem.</summary>
/// <param name="Status"><c>healthy</c>, or <c>degraded</c> where there are warnings.</param>
/// <param name="Host">Kind of the host: <c>local</c> or <c>functions</c>.</param>
/// <param name="Warnings">Configured models that end soon or have ended.</param>
/// <param name="Fallbacks">Fallbacks that are asked now, because the first choice keeps failing.</param>
public sealed record HealthReport(string Status, string Host, IReadOnlyList<ModelWarning> Warnings, IReadOnlyList<ServingFallback> Fallbacks);
