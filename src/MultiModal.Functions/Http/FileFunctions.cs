using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using MultiModal.Functions.Hosting;
using MultiModal.Web.Files;
using MultiModal.Web.Reports;
using MultiModal.Web.Uploads;

namespace MultiModal.Functions.Http;

/// <summary>Functions for the files of batches and their reports, protected by function keys.</summary>
public sealed class FileFunctions(UploadEndpoints uploads, FileEndpoints files, ReportEndpoints reports, DurableClients clients)
{
    [Function(nameof(SignUploads))]
    public Task<IResult> SignUploads(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/batches/{batch}/uploads")] HttpRequest request, string batch) =>
        uploads.SignAsync(request, batch);

    [Function(nameof(PutFile))]
    public Task<IResult> PutFile(
        [HttpTrigger(AuthorizationLevel.Function, "put", Route = "api/batches/{batch}/files/{*path}")] HttpRequest request, string batch,
        string? path, [DurableClient] DurableTaskClient client)
    {
        clients.Provide(client);
        return uploads.PutAsync(request, batch, path);
    }

    [Function(nameof(ListFiles))]
    public Task<IResult> ListFiles(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/batches/{batch}/files")] HttpRequest request, string batch) =>
        files.ListAsync(request, batch);

    [Function(nameof(ReadFile))]
    public Task<IResult> ReadFile(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "api/batches/{batch}/files/{*path}")] HttpRequest request, string batch,
        string? path) =>
        files.ReadAsync(request, batch, path);

    [Function(nameof(DeleteFile))]
    public Task<IResult> DeleteFile(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "api/batches/{batch}/files/{*path}")] HttpRequest request, string batch,
        string? path, [DurableClient] DurableTaskClient client)
    {
        clients.Provide(client);
        return files.DeleteAsync(request, batch, path);
    }

    [Function(nameof(ReadReport))]
    public Task<IResult> ReadReport(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/batches/{batch}/report")] HttpRequest request, string batch) =>
        reports.ReadAsync(request, batch);

    [Function(nameof(ReadItem))]
    public Task<IResult> ReadItem(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/batches/{batch}/runs/{run}/items/{item}")] HttpRequest request, string batch,
        string run, string item) =>
        reports.ReadItemAsync(request, batch, run, item);

    [Function(nameof(ReadIllustration))]
    public Task<IResult> ReadIllustration(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/batches/{batch}/runs/{run}/illustration")] HttpRequest request, string batch,
        string run) =>
        reports.ReadIllustrationAsync(request, batch, run);
}
