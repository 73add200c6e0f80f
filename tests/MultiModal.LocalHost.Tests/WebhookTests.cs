using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Azure.Storage.Blobs.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using MultiModal.LocalHost.Tests.Documents;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;
using MultiModal.Pipeline.Webhooks;

namespace MultiModal.LocalHost.Tests;

[Collection(SharedAzurite.Name)]
public sealed class WebhookTests(AzuriteFixture azurite) : IAsyncLifetime, ILogger<CompletionWebhook>
{
    private const string Secret = "a secret that the receiver knows too";

    private readonly ConcurrentQueue<(IHeaderDictionary Headers, byte[] Body)> received = new();
    private readonly ConcurrentQueue<string> logged = new();
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly RunReference run = new(BatchName.Parse("minutes"), 3);
    private readonly RunReference other = new(BatchName.Parse("z-minutes"), 1);
    private readonly Queue<int> answers = new();
    private int held;
    private MediaAccount account = null!;
    private WebApplication receiver = null!;

    public async Task InitializeAsync()
    {
        account = await azurite.NewAccountAsync();
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        receiver = builder.Build();
        receiver.MapPost("/done", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            received.Enqueue((new HeaderDictionary(request.Headers.ToDictionary()), body.ToArray()));
            var status = answers.TryDequeue(out var scripted) ? scripted : StatusCodes.Status200OK;
            if (status == StatusCodes.Status302Found) request.HttpContext.Response.Headers.Location = "/elsewhere";
            return Results.StatusCode(status);
        });
        receiver.MapFallback(() => Results.Ok());
        await receiver.StartAsync();
    }

    public async Task DisposeAsync() => await receiver.DisposeAsync();

    [Fact]
    public async Task The_webhook_of_a_batch_is_called_and_can_verify_the_sender()
    {
        using var webhook = Webhook();
        await InventoryAsync(Address);
        Assert.True(await NoteAsync(webhook));
        Assert.Null(await webhook.DeliverDueAsync(CancellationToken.None));

        var (headers, body) = Assert.Single(received);
        using var message = JsonDocument.Parse(body);
        Assert.Equal("minutes", message.RootElement.GetProperty("batch").GetString());
        Assert.Equal(3, message.RootElement.GetProperty("runSeq").GetInt32());
        Assert.Equal("partiallySucceeded", message.RootElement.GetProperty("status").GetString());
        Assert.Equal("/api/batches/minutes/report", message.RootElement.GetProperty("reportUrl").GetString());
        var timestamp = headers[CompletionWebhook.TimestampHeader].ToString();
        Assert.Equal("1772366400", timestamp);
        using var hmac = new System.Security.Cryptography.HMACSHA256(System.Text.Encoding.UTF8.GetBytes(Secret));
        var expected = Convert.ToHexStringLower(hmac.ComputeHash([.. System.Text.Encoding.UTF8.GetBytes(timestamp + "."), .. body]));
        Assert.Equal($"sha256={expected}", headers[CompletionWebhook.SignatureHeader].ToString());
    }

    [Fact]
    public async Task A_delivery_is_a_cloud_event_with_the_signature_of_standard_webhooks()
    {
        var key = "the key of both sides, in bytes"u8.ToArray();
        using var webhook = Webhook(new WebhookOptions
        {
            Secret = $"whsec_{Convert.ToBase64String(key)}", AllowLoopback = true, PublicUrl = "https://media.example.org/",
        });
        await InventoryAsync(Address);
        await NoteAsync(webhook);
        answers.Enqueue(StatusCodes.Status503ServiceUnavailable);
        time.SetUtcNow((await webhook.DeliverDueAsync(CancellationToken.None))!.Value);
        await webhook.DeliverDueAsync(CancellationToken.None);

        var (headers, body) = received.Last();
        Assert.Equal(
            ("1.0", "multimodalfunctions.run.completed", "https://media.example.org/api/batches/minutes", "runs/3", "2026-03-01T12:00:00.0000000+00:00"),
            (Value("ce-specversion"), Value("ce-type"), Value("ce-source"), Value("ce-subject"), Value("ce-time")));
        Assert.Equal("application/json", Value("Content-Type"));
        Assert.Equal(("1772366405", Value("ce-id")), (Value("webhook-timestamp"), Value("webhook-id")));
        Assert.Single(received.Select(r => r.Headers["webhook-id"].ToString()).Distinct());
        var signed = System.Text.Encoding.UTF8.GetBytes($"{Value("webhook-id")}.1772366405.").Concat(body).ToArray();
        Assert.Equal($"v1,{Convert.ToBase64String(System.Security.Cryptography.HMACSHA256.HashData(key, signed))}", Value("webhook-signature"));
        using var message = JsonDocument.Parse(body);
        Assert.Equal("https://media.example.org/api/batches/minutes/report", message.RootElement.GetProperty("reportUrl").GetString());

        string Value(string header) => headers[header].ToString();
    }

    [Theory]
    [InlineData("a secret that is text")]
    [InlineData("whsec_YSBrZXkgdGhhdCBpcyBieXRlcw==")]
    public async Task The_samples_of_the_document_accept_a_delivery_and_refuse_one_that_was_altered(string secret)
    {
        time.SetUtcNow(DateTimeOffset.UtcNow);
        using var webhook = Webhook(new WebhookOptions { Secret = secret, AllowLoopback = true });
        await InventoryAsync(Address);
        await NoteAsync(webhook);
        await webhook.DeliverDueAsync(CancellationToken.None);
        var (headers, body) = Assert.Single(received);

        using var folder = new TemporaryFolder();
        foreach (var (fence, command, file) in new[]
        {
            ("csharp", "dotnet run verify.cs --", "verify.cs"), ("python", "python3 verify.py", "verify.py"), ("sh", "bash verify.sh", "verify.sh"),
        })
        {
            var sample = Regex.Match(
                RepositoryFile.Read("docs/webhooks.md"), $"^```{fence}\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline);
            await File.WriteAllTextAsync(folder[file], sample.Groups["text"].Value);
            Assert.Equal("0", await VerifyAsync(body));
            Assert.Equal("1", await VerifyAsync([.. body, (byte)' ']));
            Assert.Equal("1", await VerifyAsync(body, age: 301));

            async Task<string> VerifyAsync(byte[] bytes, int age = 0)
            {
                await File.WriteAllBytesAsync(folder["body"], bytes);
                var sent = long.Parse(headers["webhook-timestamp"].ToString(), CultureInfo.InvariantCulture) - age;
                var signature = age == 0
                    ? headers["webhook-signature"].ToString()
                    : Signature(secret, $"{headers["webhook-id"]}.{sent}.", bytes);
                var output = await Tool.RunAsync(
                    "bash", "-c", $$"""cd "$1" && export WEBHOOK_SECRET="$2" && shift 2 && {{command}} "$@" <body; echo "ended with $?" """, "verify",
                    folder.Path, secret, headers["webhook-id"].ToString(), sent.ToString(CultureInfo.InvariantCulture), signature);
                return output.Trim().Split(' ')[^1];
            }
        }
    }

    [Theory]
    [InlineData(503)]
    [InlineData(302)]
    public async Task A_webhook_that_does_not_take_the_message_is_asked_again_by_the_next_process(int answer)
    {
        answers.Enqueue(answer);
        DateTimeOffset? due;
        using (var first = Webhook())
        {
            await InventoryAsync(Address);
            await NoteAsync(first);
            due = await first.DeliverDueAsync(CancellationToken.None);
        }

        Assert.Equal(time.GetUtcNow() + TimeSpan.FromSeconds(5), due);
        using var second = Webhook();
        Assert.Equal(due, await second.DeliverDueAsync(CancellationToken.None));
        Assert.Single(received);
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(await second.DeliverDueAsync(CancellationToken.None));
        Assert.Equal(2, received.Count);
        Assert.Single(received.Select(r => r.Headers[CompletionWebhook.DeliveryHeader].ToString()).Distinct());
    }

    [Fact]
    public async Task A_webhook_that_never_takes_it_is_given_up_after_a_day()
    {
        using var webhook = Webhook();
        await InventoryAsync(Address);
        await NoteAsync(webhook);
        for (var tries = 0; tries < 100; tries++)
        {
            answers.Enqueue(StatusCodes.Status500InternalServerError);
            if (await webhook.DeliverDueAsync(CancellationToken.None) is not { } due) break;
            time.SetUtcNow(due);
        }

        Assert.InRange(received.Count, 20, 40);
        Assert.InRange(time.GetUtcNow() - time.Start, TimeSpan.FromHours(22), TimeSpan.FromHours(24));
        Assert.Null(await webhook.DeliverDueAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData("https://10.0.0.1/done")]
    [InlineData("https://169.254.169.254/latest")]
    [InlineData("https://[fd00::1]/done")]
    [InlineData("https://[64:ff9b::a9fe:a9fe]/latest")]
    [InlineData("https://[2002:a00:1::1]/done")]
    public async Task A_private_address_is_not_called(string address)
    {
        using var webhook = Webhook();
        await InventoryAsync(address);
        await NoteAsync(webhook);
        Assert.NotNull(await webhook.DeliverDueAsync(CancellationToken.None));
        Assert.Contains(logged, line => line.Contains("forbidden-address", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_loopback_interface_is_called_only_where_the_host_allows_it(bool allowed)
    {
        using var webhook = Webhook(new WebhookOptions { Secret = Secret, AllowLoopback = allowed });
        await InventoryAsync(Address);
        await NoteAsync(webhook);
        Assert.Equal(allowed, await webhook.DeliverDueAsync(CancellationToken.None) is null);
        Assert.Equal(allowed ? 1 : 0, received.Count);
        Assert.Equal(!allowed, logged.Any(line => line.Contains("forbidden-address", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Two_processes_that_look_at_the_same_time_deliver_once()
    {
        using var first = Webhook();
        using var second = Webhook();
        var released = new TaskCompletionSource();
        await using var slow = await HoldingReceiverAsync(released.Task);
        await InventoryAsync($"{slow.Urls.Single()}/done");
        await NoteAsync(first);

        var round = await first.StartDueAsync(CancellationToken.None);
        await Eventually.IsTrueAsync("the message on its way", () => held > 0);
        Assert.NotNull(await second.DeliverDueAsync(CancellationToken.None));
        released.SetResult();
        Assert.Null(Assert.Single(await Task.WhenAll(round.Deliveries)));
        Assert.Equal(1, held);
        Assert.Null(await second.DeliverDueAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_batch_without_a_webhook_has_no_delivery_due()
    {
        using var webhook = Webhook();
        await InventoryAsync(address: null);
        Assert.False(await NoteAsync(webhook));
        Assert.Null(await webhook.DeliverDueAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_served_batch_notifies_its_webhook()
    {
        await using var host = await RunningHost.StartAsync(
            azurite.NewConnectionString(), null, $"Webhooks:Secret={Secret}", "Webhooks:AllowLoopback=true");
        await host.DropAsync("told/batch.json", $$"""{ "webhook": "{{Address}}" }""");
        await host.DropAsync("told/a.txt", "A note.");
        await host.RestedAsync("told");
        await Eventually.IsAsync("the webhook told", () => Task.FromResult(received.IsEmpty ? null : received));
        Assert.True(received.Single().Headers.ContainsKey(CompletionWebhook.SignatureHeader));
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.0.0.1", true)]
    [InlineData("localhost", true)]
    [InlineData("127.1.2.3", true)]
    [InlineData("[::ffff:127.0.0.1]", true)]
    public async Task A_caller_who_can_only_drop_files_cannot_start_a_batch_through_a_webhook(string self, bool allowLoopback)
    {
        await using var host = await RunningHost.StartAsync(azurite.NewConnectionString(), null, $"Webhooks:AllowLoopback={allowLoopback}");
        await host.DropAsync("victim/batch.json", """{ "start": "manual" }""");
        await host.DropAsync("victim/a.txt", "A note that waits for its owner.");
        await host.InAsync(BatchPhase.Held, "victim");

        await host.DropAsync(
            "attacker/batch.json", $$"""{ "webhook": "http://{{self}}:{{host.Http.BaseAddress!.Port}}/api/batches/victim/start" }""");
        await host.DropAsync("attacker/a.txt", "A note.");
        await host.RestedAsync("attacker");

        await Eventually.IsAsync("no delivery left", async () =>
            await host.Account.State.GetBlobsAsync(new GetBlobsOptions { Prefix = "webhooks/" }).AnyAsync() ? null : "none");
        Assert.Equal((BatchPhase.Held, 0), await host.StateAsync("victim") is { } victim ? (victim.Phase, victim.RunSeq) : default);
        Assert.Equal("invalid-batch-options", (await host.ReportAsync("attacker")).Error?.Code);
    }

    [Fact]
    public async Task A_receiver_that_blocks_its_caller_delays_no_other_delivery()
    {
        using var webhook = Webhook();
        var released = new TaskCompletionSource();
        await using var tarpit = await HoldingReceiverAsync(released.Task);
        await InventoryAsync($"{tarpit.Urls.Single()}/done");
        await NoteAsync(webhook);
        await InventoryAsync(Address, other);
        await webhook.NoteAsync(other, new RunResult(other.RunSeq, RunStatus.Succeeded, "digest"), CancellationToken.None);

        var delivering = webhook.DeliverDueAsync(CancellationToken.None);
        await Eventually.IsTrueAsync("the message at the receiver that answers", () => !received.IsEmpty);
        Assert.False(delivering.IsCompleted);
        released.SetResult();
        Assert.Null(await delivering);
    }

    [Fact]
    public async Task A_served_batch_notifies_its_webhook_while_another_receiver_blocks_the_host()
    {
        var released = new TaskCompletionSource();
        await using var tarpit = await HoldingReceiverAsync(released.Task);
        await using var host = await RunningHost.StartAsync(
            azurite.NewConnectionString(), null, "Webhooks:AllowLoopback=true", "Webhooks:TimeoutSeconds=300");
        await host.DropAsync("held/batch.json", $$"""{ "webhook": "{{tarpit.Urls.Single()}}/done" }""");
        await host.DropAsync("held/a.txt", "A note.");
        await Eventually.IsTrueAsync("the message that is held", () => held > 0);

        await host.DropAsync("told/batch.json", $$"""{ "webhook": "{{Address}}" }""");
        await host.DropAsync("told/a.txt", "Another note.");
        await Eventually.IsTrueAsync("the other message", () => !received.IsEmpty);
        released.SetResult();
    }

    [Fact]
    public async Task A_superseded_run_does_not_end_its_batch_and_sends_no_message()
    {
        await InventoryAsync(Address);
        using var webhook = Webhook();
        var superseded = new RunResult(run.RunSeq, RunStatus.Succeeded, "digest", Superseded: true);
        Assert.False(await webhook.NoteAsync(run, superseded, CancellationToken.None));
        Assert.Null(await webhook.DeliverDueAsync(CancellationToken.None));
        Assert.True(await webhook.NoteAsync(run, superseded with { Superseded = false }, CancellationToken.None));
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        logged.Enqueue(formatter(state, exception));

    private static string Signature(string secret, string before, byte[] body)
    {
        var key = secret.StartsWith("whsec_", StringComparison.Ordinal) ? Convert.FromBase64String(secret[6..]) : System.Text.Encoding.UTF8.GetBytes(secret);
        byte[] signed = [.. System.Text.Encoding.UTF8.GetBytes(before), .. body];
        return $"v1,{Convert.ToBase64String(System.Security.Cryptography.HMACSHA256.HashData(key, signed))}";
    }

    private string Address => $"{receiver.Urls.Single()}/done";

    private CompletionWebhook Webhook(WebhookOptions? options = null)
    {
        var configured = Options.Create(options ?? new WebhookOptions { Secret = Secret, AllowLoopback = true });
        return new CompletionWebhook(account, new RunStore(account), configured, new WebhookRules(configured, new OwnPorts(_ => false)), time, this);
    }

    private Task<bool> NoteAsync(CompletionWebhook webhook) =>
        webhook.NoteAsync(run, new RunResult(run.RunSeq, RunStatus.PartiallySucceeded, "digest"), CancellationToken.None);

    /// <summary>A receiver that answers only when it is let go.</summary>
    private async Task<WebApplication> HoldingReceiverAsync(Task released)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var tarpit = builder.Build();
        tarpit.MapPost("/done", async () =>
        {
            Interlocked.Increment(ref held);
            await released;
            return Results.Ok();
        });
        await tarpit.StartAsync();
        return tarpit;
    }

    private Task<InventoryHeader> InventoryAsync(string? address, RunReference? of = null) => new RunStore(account).WriteHeaderAsync(
        of ?? run,
        new InventoryHeader { Count = 0, Digest = "digest", Ignored = 0, StartedAt = time.GetUtcNow(),
            Options = new BatchOptions { Webhook = address } },
        CancellationToken.None);
}
