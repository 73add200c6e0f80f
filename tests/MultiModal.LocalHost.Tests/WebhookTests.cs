using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
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
    private readonly Queue<int> answers = new();
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
    public async Task The_webhook_of_a_batch_is_told_and_can_check_who_told_it()
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
    public async Task A_private_address_is_not_called(string address)
    {
        using var webhook = Webhook();
        await InventoryAsync(address);
        await NoteAsync(webhook);
        Assert.NotNull(await webhook.DeliverDueAsync(CancellationToken.None));
        Assert.Contains(logged, line => line.Contains("forbidden-address", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_batch_without_a_webhook_owes_nothing()
    {
        using var webhook = Webhook();
        await InventoryAsync(address: null);
        Assert.False(await NoteAsync(webhook));
        Assert.Null(await webhook.DeliverDueAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_served_batch_tells_its_webhook()
    {
        await using var host = await RunningHost.StartAsync(azurite.NewConnectionString(), null, $"Webhooks:Secret={Secret}");
        await host.DropAsync("told/batch.json", $$"""{ "webhook": "{{Address}}" }""");
        await host.DropAsync("told/a.txt", "A note.");
        await host.RestedAsync("told");
        await Eventually.IsAsync("the webhook told", () => Task.FromResult(received.IsEmpty ? null : received));
        Assert.True(received.Single().Headers.ContainsKey(CompletionWebhook.SignatureHeader));
    }

    [Fact]
    public async Task A_superseded_run_is_not_the_end_of_its_batch_and_tells_nobody()
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

    private string Address => $"{receiver.Urls.Single()}/done";

    private CompletionWebhook Webhook() => new(account, new RunStore(account), Options.Create(new WebhookOptions { Secret = Secret }), time, this);

    private Task<bool> NoteAsync(CompletionWebhook webhook) =>
        webhook.NoteAsync(run, new RunResult(run.RunSeq, RunStatus.PartiallySucceeded, "digest"), CancellationToken.None);

    private Task<InventoryHeader> InventoryAsync(string? address) => new RunStore(account).WriteHeaderAsync(
        run,
        new InventoryHeader { Count = 0, Digest = "digest", Ignored = 0, StartedAt = time.GetUtcNow(), Options = new BatchOptions { Webhook = address } },
        CancellationToken.None);
}
