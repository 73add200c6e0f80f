using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Webhooks;

/// <summary>
/// Posts <c>{batch, runSeq, status, reportUrl}</c> to a batch's webhook when a run has its report. A delivery is noted in storage
/// before it is tried, so that it outlives the host; it may arrive twice, and says so by <c>X-MultiModal-Delivery</c>.
/// The signature is <c>sha256=</c> and the HMAC-SHA-256, in hexadecimal digits, of the timestamp, a full stop and the body.
/// </summary>
public sealed partial class CompletionWebhook : IDisposable
{
    public const string SignatureHeader = "X-MultiModal-Signature";
    public const string TimestampHeader = "X-MultiModal-Timestamp";
    public const string DeliveryHeader = "X-MultiModal-Delivery";

    private const string Folder = "webhooks/";

    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(1);

    private readonly MediaAccount account;
    private readonly RunStore runs;
    private readonly WebhookOptions options;
    private readonly TimeProvider time;
    private readonly ILogger<CompletionWebhook> logger;
    private readonly HttpClient http;

    public CompletionWebhook(MediaAccount account, RunStore runs, IOptions<WebhookOptions> options, TimeProvider time, ILogger<CompletionWebhook> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        (this.account, this.runs, this.options, this.time, this.logger) = (account, runs, options.Value, time, logger);

        // A redirect or a proxy would go around the check of addresses; names are resolved again for each connection.
        http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            ConnectCallback = ConnectAsync,
        })
        {
            Timeout = TimeSpan.FromSeconds(this.options.TimeoutSeconds),
        };
    }

    /// <summary>Notes that a run ended, if its batch has a webhook. Noting the same run twice is harmless. A superseded run is
    /// not the end of its batch: nothing is noted, the run that follows is.</summary>
    /// <returns>Whether there is something to deliver now.</returns>
    public async Task<bool> NoteAsync(RunReference run, RunResult result, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(result);
        if (result.Superseded) return false;
        if (await runs.ReadHeaderAsync(run, cancellationToken) is not { Options.Webhook: { } address } || !WebhookAddress.IsAllowed(address)) return false;
        var now = time.GetUtcNow();
        var delivery = new WebhookDelivery { Batch = run.Batch, RunSeq = run.RunSeq, Status = result.Status, Address = address, NotedAt = now, DueAt = now };
        return await account.State.TryWriteJsonAsync(BlobName(delivery), delivery, etag: null, cancellationToken);
    }

    /// <summary>Tries all deliveries that are due.</summary>
    /// <returns>When the next one is due; null where none is pending.</returns>
    public async Task<DateTimeOffset?> DeliverDueAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset? next = null;
        await foreach (var blob in account.State.GetBlobsAsync(new GetBlobsOptions { Prefix = Folder }, cancellationToken))
        {
            if (await account.State.ReadJsonAsync<WebhookDelivery>(blob.Name, cancellationToken) is not { } noted) continue;
            var due = noted.Value.DueAt > time.GetUtcNow() ? noted.Value.DueAt : await DeliverAsync(blob.Name, noted, cancellationToken);
            if (due is not null && (next is null || due < next)) next = due;
        }

        return next;
    }

    public void Dispose() => http.Dispose();

    /// <returns>What a signature header says for this body.</returns>
    public static string Sign(string secret, string timestamp, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(timestamp);
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hmac.AppendData(Encoding.UTF8.GetBytes(timestamp));
        hmac.AppendData("."u8);
        hmac.AppendData(body);
        return $"sha256={Convert.ToHexStringLower(hmac.GetHashAndReset())}";
    }

    private async Task<DateTimeOffset?> DeliverAsync(string name, JsonBlob<WebhookDelivery> noted, CancellationToken cancellationToken)
    {
        var delivery = noted.Value;
        var answer = await PostAsync(delivery, cancellationToken);
        var failed = delivery with { Failed = delivery.Failed + 1, DueAt = time.GetUtcNow() + Delay(delivery.Failed) };
        if (answer is null || answer == "410" || failed.DueAt - delivery.NotedAt > options.GiveUpAfter)
        {
            if (answer is null) LogDelivered(delivery.Batch.Value, delivery.RunSeq);
            else LogGivenUp(delivery.Batch.Value, delivery.RunSeq, failed.Failed, answer);
            await account.State.DeleteBlobIfExistsAsync(name, cancellationToken: cancellationToken);
            return null;
        }

        LogFailed(delivery.Batch.Value, delivery.RunSeq, failed.Failed, answer, failed.DueAt);
        await account.State.TryWriteJsonAsync(name, failed, noted.ETag, cancellationToken);
        return failed.DueAt;
    }

    /// <returns>Null for success, else what went wrong, in a word.</returns>
    private async Task<string?> PostAsync(WebhookDelivery delivery, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new Completion(delivery.Batch, delivery.RunSeq, delivery.Status, $"/api/batches/{Uri.EscapeDataString(delivery.Batch.Value)}/report"),
            PipelineJson.Options);
        using var request = new HttpRequestMessage(HttpMethod.Post, delivery.Address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        request.Headers.Add(TimestampHeader, timestamp);
        request.Headers.Add(DeliveryHeader, string.Create(CultureInfo.InvariantCulture, $"{delivery.Batch.Key}-{delivery.RunSeq}"));
        if (!string.IsNullOrEmpty(options.Secret)) request.Headers.Add(SignatureHeader, Sign(options.Secret, timestamp, body));
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.IsSuccessStatusCode ? null : ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
        }
        catch (HttpRequestException e)
        {
            return e.InnerException is ForbiddenAddressException ? "forbidden-address" : e.HttpRequestError.ToString();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "timeout";
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        // The only loopback addresses that may be called are those that the webhook itself names.
        var loopback = context.InitialRequestMessage.RequestUri is { IsLoopback: true };
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        var allowed = addresses.Where(a => options.AllowPrivateAddresses || (loopback ? IPAddress.IsLoopback(a) : WebhookAddress.IsPublic(a))).ToArray();
        if (allowed.Length == 0) throw new ForbiddenAddressException();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private TimeSpan Delay(int failedBefore) => new Backoff(options.FirstRetryDelay, LongestDelay, Factor: 3).After(failedBefore + 1);

    private static string BlobName(WebhookDelivery delivery) => string.Create(CultureInfo.InvariantCulture, $"{Folder}{delivery.Batch.Key}-{delivery.RunSeq}.json");

    [LoggerMessage(LogLevel.Information, "{Batch} run {RunSeq}: the webhook was told")]
    private partial void LogDelivered(string batch, int runSeq);

    [LoggerMessage(LogLevel.Warning, "{Batch} run {RunSeq}: the webhook did not take the message (try {Try}: {Answer}); next try {DueAt:u}")]
    private partial void LogFailed(string batch, int runSeq, int @try, string answer, DateTimeOffset dueAt);

    [LoggerMessage(LogLevel.Error, "{Batch} run {RunSeq}: the webhook was given up after {Tries} tries: {Answer}")]
    private partial void LogGivenUp(string batch, int runSeq, int tries, string answer);

    private sealed record Completion(BatchName Batch, int RunSeq, RunStatus Status, string ReportUrl);

    /// <summary>None of the addresses of the webhook's name may be called.</summary>
    private sealed class ForbiddenAddressException : Exception;
}
