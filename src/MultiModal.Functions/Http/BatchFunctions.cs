using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using MultiModal.Functions.Hosting;
using MultiModal.Web.Batches;

namespace MultiModal.Functions.Http;

/// <summary>Functions for batches, protected by function keys.</summary>
public sealed class BatchFunctions(BatchEndpoints batches, DurableClients clients)
{
    [Function(nameof(CreateBatch))]
    public Task<IResult> CreateBatch([HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/batches")] HttpRequest request) =>
        batches.CreateAsync(request);

    [Function(nameof(ListBatches))]
    public Task<IResult> ListBatches([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/batches")] HttpRequest request) =>
        batches.ListAsync(request);

    [Function(nameof(ReadBatch))]
    public Task<IResult> ReadBatch(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/batches/{batch}")] HttpRequest request, string batch) =>
        batches.ReadAsync(request, batch);

    [Function(nameof(DeleteBatch))]
    public Task<IResult> DeleteBatch(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "api/batches/{batch}")] HttpRequest request, string batch,
        [DurableClient] DurableTaskClient client)
    {
        clients.Provide(client);
        return batches.DeleteAsync(request, batch);
    }

    [Function(nameof(StartBatch))]
    public Task<IResult> StartBatch(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/batches/{batch}/start")] HttpRequest request, string batch,
        [DurableClient] DurableTaskClient client)
    {
        clients.Provide(client);
        return batches.StartAsync(request, batch);
    }

    [Function(nameof(CancelBatch))]
    public Task<IResult> CancelBatch(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/batches/{batch}/cancel")] HttpRequest request, string batch) =>
        batches.CancelAsync(request, batch);
}
