using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using MultiModal.Web.Costs;

namespace MultiModal.Functions.Http;

/// <summary>Functions for costs, protected by function keys.</summary>
public sealed class CostFunctions(CostEndpoints costs)
{
    [Function(nameof(ReadCosts))]
    public Task<IResult> ReadCosts([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/costs")] HttpRequest request) =>
        costs.ReadAsync(request);

    [Function(nameof(EstimateBatch))]
    public Task<IResult> EstimateBatch(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/batches/{batch}/estimate")] HttpRequest request, string batch) =>
        costs.EstimateAsync(request, batch);
}
