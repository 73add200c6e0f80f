using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
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
/// Posts <c>{batch, runSeq, status, reportUrl}</c> to a batch's webhook when a run has its report. A delivery is noted in storage before
/// it is tried, so that a restart of the host does not lose it: it arrives at least once, and may arrive again with the same
/// <c>webhook-id</c>. Receivers are called in parallel, so that one that does not answer delays no deliveries to others.
/// </summary>
public sealed partial class CompletionWebhook : IDisposable
{
    public const string SignatureHeader = "X-MultiModal-Signature";
    public const string TimestampHeader = "X-MultiModal-Timestamp";
    public const string DeliveryHeader = "X-MultiModal-Delivery";

    private const string Folder = "webhooks/";

    /// <summary>Maximum number of receivers that are called at a time.</summary>
    private const int MaxReceivers = 64;

    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(1);

    /// <summary>Time beyond an attempt's own limit after which another process may take over its delivery.</summary>
    private static readonly TimeSpan ClaimMargin = TimeSpan.FromSeconds(30);

    private readonly MediaAccount account;
    private readonly RunStore runs;
    private readonly WebhookOptions options;
    private readonly WebhookRules rules;
    private readonly TimeProvider time;
    private readonly ILogger<CompletionWebhook> logger;
    private readonly HttpClient http;

    /// <summary>Receivers that this process is calling, by scheme, name and port.</summary>
    private readonly ConcurrentDictionary<string, bool> called = new(StringComparer.OrdinalIgnoreCase);

    public CompletionWebhook(
        MediaAccount account, RunStore runs, IOptions<WebhookOptions> options, WebhookRules rules, TimeProvider time,
        ILogger<CompletionWebhook> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        (this.account, this.runs, this.options, this.rules, this.time, this.logger) = (account, runs, options.Value, rules, time, logger);

        // A redirect or a proxy would bypass the check of addresses; names are resolved again for each connection.
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

    /// <summary>
    /// Notes that a run ended, if its batch has a webhook. Noting the same run twice is harmless. A superseded run is not the end of its
    /// batch, so nothing is noted for it; the run that follows is noted.
    /// </summary>
    /// <returns>Whether there is something to deliver now.</returns>
    public async Task<bool> NoteAsync(RunReference run, RunResult result, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(result);
        if (result.Superseded) return false;
        if (await runs.ReadHeaderAsync(run, cancellationToken) is not { Options.Webhook: { } address }
            || !WebhookAddress.IsAllowed(address)) return false;
        var now = time.GetUtcNow();
        var delivery =
            new WebhookDelivery { Batch = run.Batch, RunSeq = run.RunSeq, Status = result.Status, Address = address, NotedAt = now, DueAt = now };
        return await account.State.TryWriteJsonAsync(BlobName(run.Batch, run.RunSeq), delivery, etag: null, cancellationToken);
    }

    /// <summary>Tries the deliveries that are due, and waits until they have ended.</summary>
    /// <returns>Time when the next one is due; null if none is pending.</returns>
    public async Task<DateTimeOffset?> DeliverDueAsync(CancellationToken cancellationToken)
    {
        var round = await StartDueAsync(cancellationToken);
        var retries = await Task.WhenAll(round.Deliveries);
        return retries.Append(round.NextDue).Min();
    }

    /// <summary>
    /// Starts the deliveries that are due: all receivers in parallel, and the deliveries to one receiver in sequence until one fails.
    /// Receivers that this process is already calling are left out.
    /// </summary>
    public async Task<DeliveryRound> StartDueAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var due = new List<NotedDelivery>();
        DateTimeOffset? next = null;
        await foreach (var blob in account.State.GetBlobsAsync(new GetBlobsOptions { Prefix = Folder }, cancellationToken))
        {
            if (await account.State.ReadJsonAsync<WebhookDelivery>(blob.Name, cancellationToken) is not { } noted) continue;
            if (noted.Value.DueAt <= now) due.Add(new NotedDelivery(blob.Name, noted));
            else next = Earlier(next, noted.Value.DueAt);
        }

        // Deliveries with the fewest failures go first, so that receivers that never answer do not delay new messages.
        var receivers = due.OrderBy(d => d.Note.Value.Failed).ThenBy(d => d.Note.Value.NotedAt)
            .GroupBy(d => ReceiverOf(d.Note.Value), StringComparer.OrdinalIgnoreCase);
        var deliveries = new List<Task<DateTimeOffset?>>();
        foreach (var receiver in receivers)
        {
            if (called.Count >= MaxReceivers) break;
            if (called.TryAdd(receiver.Key, true)) deliveries.Add(DeliverAllAsync(receiver.Key, [.. receiver], cancellationToken));
        }

        return new DeliveryRound(deliveries, next);
    }

    /// <summary>Tries the delivery of one run, if one is due.</summary>
    public async Task DeliverAsync(RunReference run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        var name = BlobName(run.Batch, run.RunSeq);
        if (await account.State.ReadJsonAsync<WebhookDelivery>(name, cancellationToken) is { } noted && noted.Value.DueAt <= time.GetUtcNow())
        {
            await DeliverAsync(new NotedDelivery(name, noted), cancellationToken);
        }
    }

    public void Dispose() => http.Dispose();

    /// <returns>
    /// The value of <see cref="SignatureHeader"/>: <c>sha256=</c> and the HMAC-SHA-256, in hexadecimal digits, of the timestamp, a full stop and
    /// the body. The key is the secret's text.
    /// </returns>
    public static string Sign(string secret, string timestamp, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return $"sha256={Convert.ToHexStringLower(DeliveryHeaders.Authenticate(Encoding.UTF8.GetBytes(secret), $"{timestamp}.", body))}";
    }

    private async Task<DateTimeOffset?> DeliverAllAsync(string receiver, IReadOnlyList<NotedDelivery> deliveries, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var delivery in deliveries)
            {
                // The other deliveries remain due: this process tries them at its next look, after new deliveries for other receivers.
                if (await DeliverAsync(delivery, cancellationToken) is { } retry) return delivery == deliveries[^1] ? retry : time.GetUtcNow();
            }

            return null;
        }
        finally
        {
            called.TryRemove(receiver, out _);
        }
    }

    /// <returns>Time of the next try; null if the delivery is finished, or another process took it over.</returns>
    private async Task<DateTimeOffset?> DeliverAsync(NotedDelivery noted, CancellationToken cancellationToken)
    {
        var delivery = noted.Note.Value;
        var claim = delivery with { DueAt = time.GetUtcNow() + TimeSpan.FromSeconds(options.TimeoutSeconds) + ClaimMargin };
        if (!await account.State.TryWriteJsonAsync(noted.Name, claim, noted.Note.ETag, cancellationToken)) return null;
        var answer = await PostAsync(delivery, cancellationToken);
        var failed = delivery with { Failed = delivery.Failed + 1, DueAt = time.GetUtcNow() + Delay(delivery.Failed) };
        if (answer is null || answer == "410" || failed.DueAt - delivery.NotedAt > options.GiveUpAfter)
        {
            if (answer is null) LogDelivered(delivery.Batch.Value, delivery.RunSeq);
            else LogGivenUp(delivery.Batch.Value, delivery.RunSeq, failed.Failed, answer);
            await account.State.DeleteBlobIfExistsAsync(noted.Name, cancellationToken: cancellationToken);
            return null;
        }

        LogFailed(delivery.Batch.Value, delivery.RunSeq, failed.Failed, answer, failed.DueAt);
        var claimed = await account.State.ReadJsonAsync<WebhookDelivery>(noted.Name, cancellationToken);
        return claimed?.Value == claim && await account.State.TryWriteJsonAsync(noted.Name, failed, claimed.ETag, cancellationToken)
            ? failed.DueAt
            : null;
    }

    /// <returns>Null for success; otherwise the problem in one word.</returns>
    private async Task<string?> PostAsync(WebhookDelivery delivery, CancellationToken cancellationToken)
    {
        var address = $"{options.PublicUrl?.TrimEnd('/')}/api/batches/{Uri.EscapeDataString(delivery.Batch.Value)}";
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new Completion(delivery.Batch, delivery.RunSeq, delivery.Status, $"{address}/report"), PipelineJson.Options);
        using var request = new HttpRequestMessage(HttpMethod.Post, delivery.Address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var (name, value) in DeliveryHeaders.Of(delivery, address, options.Secret, time.GetUtcNow(), body)) request.Headers.Add(name, value);
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
        // The checked address is the one that is connected to, because a name may resolve differently than when the batch's options were
        // read.
        var namesLoopback = context.InitialRequestMessage.RequestUri is { IsLoopback: true };
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        var allowed = addresses.Where(a => rules.MayConnect(a, context.DnsEndPoint.Port, namesLoopback)).ToArray();
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

    private static DateTimeOffset Earlier(DateTimeOffset? one, DateTimeOffset other) => one < other ? one.Value : other;

    private static string ReceiverOf(WebhookDelivery delivery) => new Uri(delivery.Address).GetLeftPart(UriPartial.Authority);

    private static string BlobName(BatchName batch, int runSeq) => string.Create(CultureInfo.InvariantCulture, $"{Folder}{batch.Key}-{runSeq}.json");

    [LoggerMessage(LogLevel.Information, "{Batch} run {RunSeq}: the webhook accepted the message")]
    private partial void LogDelivered(string batch, int runSeq);

    [LoggerMessage(
        LogLevel.Warning, "{Batch} run {RunSeq}: the webhook was not delivered (attempt {Try}: {Answer}). The next attempt is at {DueAt:u}")]
    private partial void LogFailed(string batch, int runSeq, int @try, string answer, DateTimeOffset dueAt);

    [LoggerMessage(LogLevel.Error, "{Batch} run {RunSeq}: the webhook was given up after {Tries} attempts: {Answer}")]
    private partial void LogGivenUp(string batch, int runSeq, int tries, string answer);

    private sealed record NotedDelivery(string Name, JsonBlob<WebhookDelivery> Note);

    private sealed record Completion(BatchName Batch, int RunSeq, RunStatus Status, string ReportUrl);

    /// <summary>None of the addresses of the webhook's name may be called.</summary>
    private sealed class ForbiddenAddressException : Exception;
}

/// <summary>Deliveries that were started, one task for each receiver.</summary>
/// <param name="Deliveries">Tasks that each return the time when their receiver is due again; null if nothing is left for it.</param>
/// <param name="NextDue">Time when the next of the other deliveries is due; null if none is pending.</param>
public sealed record DeliveryRound(IReadOnlyList<Task<DateTimeOffset?>> Deliveries, DateTimeOffset? NextDue);
