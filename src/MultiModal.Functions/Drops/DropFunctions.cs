using Azure.Storage.Blobs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MultiModal.Functions.Hosting;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Functions.Drops;

/// <summary>
/// Signals a batch when a blob is written into the inbox. One of the two functions is disabled by an app setting
/// (<c>AzureWebJobs.BlobDroppedEvent.Disabled</c> on an emulator, <c>AzureWebJobs.BlobDropped.Disabled</c> on Azure). Both bind a client,
/// so that the content is not transferred; no other expression may stand beside it (azure-functions-dotnet-worker#1969).
/// </summary>
public sealed partial class DropFunctions(IBatchHost host, DurableClients clients, IOptions<PipelineOptions> options, ILogger<DropFunctions> logger)
{
    private const string Pattern = MediaAccount.InboxContainer + "/{name}";

    [Function(nameof(BlobDropped))]
    public Task BlobDropped(
        [BlobTrigger(Pattern, Connection = MediaConnection.Name)] BlobClient blob,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) => SignalDropAsync(blob, client, cancellationToken);

    [Function(nameof(BlobDroppedEvent))]
    public Task BlobDroppedEvent(
        [BlobTrigger(Pattern, Connection = MediaConnection.Name, Source = BlobTriggerSource.EventGrid)] BlobClient blob,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) => SignalDropAsync(blob, client, cancellationToken);

    private async Task SignalDropAsync(BlobClient blob, DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (!BatchName.FromBlob(blob.Name, options.Value.BatchDepth, out var batch))
        {
            LogNoBatch(blob.Name);
            return;
        }

        clients.Provide(client);
        await host.SignalDroppedAsync(batch, cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "This blob is ignored, because no batch can have its name: {Blob}")]
    private partial void LogNoBatch(string blob);
}
