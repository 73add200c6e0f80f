using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using MultiModal.Testing.Media;

namespace MultiModal.LocalHost.Tests;

/// <summary>Files, pictures and sound of a batch that a host has run, as a browser with a link gets them.</summary>
[Collection(SharedAzurite.Name)]
public sealed class MediaTests(AzuriteFixture azurite)
{
    private const string Key = "0123456789abcdef0123";

    [Fact]
    public async Task What_was_run_is_seen_and_heard_by_links_while_a_key_is_set_and_no_log_line_holds_a_link()
    {
        var lines = new Lines();
        await using var host = await RunningHost.StartConfiguredAsync(
            azurite.NewConnectionString(),
            builder => builder.Logging.AddProvider(lines).SetMinimumLevel(LogLevel.Trace),
            $"LocalHost:ApiKey={Key}", "Ai:Vision:Engine=Offline");
        var picture = TestImage.Jpeg(7, 1600, 1200);
        var sound = Wav.Tone(3);
        await host.Account.Inbox.GetBlobClient("town/a.jpg").UploadAsync(new BinaryData(picture));
        await host.Account.Inbox.GetBlobClient("town/b.wav").UploadAsync(new BinaryData(sound));
        await host.RestedAsync("town");

        // Without a key there is no link; with it there are links that need none.
        const string address = "/api/batches/town/links";
        var wishes = new
        {
            links = new object[]
            {
                new { file = "b.wav" }, new { run = 1, item = "0", view = "sent" }, new { run = 1, item = "0", view = "thumbnail" },
            },
        };
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.Http.PostAsJsonAsync(address, wishes)).StatusCode);
        using var issue = new HttpRequestMessage(HttpMethod.Post, address) { Content = JsonContent.Create(wishes) };
        issue.Headers.Add("X-API-Key", Key);
        var issued = await (await host.Http.SendAsync(issue)).Content.ReadFromJsonAsync<JsonElement>();
        var urls = issued.GetProperty("links").EnumerateArray().Select(l => l.GetProperty("url").GetString()!).ToList();

        using var seek = new HttpRequestMessage(HttpMethod.Get, urls[0]) { Headers = { Range = new RangeHeaderValue(50_000, 50_099) } };
        using var part = await host.Http.SendAsync(seek);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal("audio/wav", part.Content.Headers.ContentType!.MediaType);
        Assert.Equal(sound[50_000..50_100], await part.Content.ReadAsByteArrayAsync());
        var sent = await host.Http.GetByteArrayAsync(new Uri(urls[1], UriKind.Relative));
        var thumbnail = await host.Http.GetByteArrayAsync(new Uri(urls[2], UriKind.Relative));
        Assert.Equal((await host.ReportAsync("town")).Items[0].Image!.SentBytes, sent.Length);
        Assert.InRange(thumbnail.Length, 100, sent.Length);

        // Altered links, and links in the wrong place, leave no trace either.
        using var altered = await host.Http.GetAsync(new Uri(urls[0] + "x", UriKind.Relative));
        using var misplaced = await host.Http.GetAsync(new Uri($"/api{urls[0]}", UriKind.Relative));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (altered.StatusCode, misplaced.StatusCode));

        var signatures = urls.Select(url => url.Split("signature=")[1]).ToList();
        Assert.Contains(lines.All, line => line.Contains("/media/", StringComparison.Ordinal));
        Assert.DoesNotContain(lines.All, line => signatures.Exists(signature => line.Contains(signature, StringComparison.Ordinal)));
        Assert.DoesNotContain(lines.All, line => line.Contains(Key, StringComparison.Ordinal));

        // With the batch goes all that was made to show it.
        Assert.NotEmpty(await ThumbnailsAsync(host));
        using var delete = new HttpRequestMessage(HttpMethod.Delete, "/api/batches/town");
        delete.Headers.Add("X-API-Key", Key);
        Assert.Equal(HttpStatusCode.NoContent, (await host.Http.SendAsync(delete)).StatusCode);
        Assert.Empty(await ThumbnailsAsync(host));
    }

    [Fact]
    public async Task A_file_that_is_deleted_over_the_API_leaves_its_batch_which_runs_again()
    {
        await using var host = await RunningHost.StartAsync(azurite.NewConnectionString());
        await host.DropAsync("talk/a.txt", "The first note.");
        await host.DropAsync("talk/b.txt", "The second note.");
        await host.RestedAsync("talk");
        Assert.Equal(HttpStatusCode.NoContent, (await host.Http.DeleteAsync(new Uri("/api/batches/talk/files/b.txt", UriKind.Relative))).StatusCode);
        var state = await host.RestedAsync("talk", runSeq: 2);

        Assert.Equal("a.txt", Assert.Single((await host.ReportAsync("talk")).Items).Name);
        Assert.Equal(2, state.RunSeq);
    }

    private static async Task<IReadOnlyList<string>> ThumbnailsAsync(RunningHost host) =>
        await host.Account.Cache.GetBlobsAsync().Select(blob => blob.Name).Where(name => name.Contains("thumbnail", StringComparison.Ordinal)).ToListAsync();

    /// <summary>All that is logged: lines, the values they are made of, and scopes.</summary>
    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> All { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull
        {
            Add(state);
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            All.Enqueue($"{formatter(state, exception)} {exception}");
            Add(state);
        }

        public void Dispose()
        {
        }

        private void Add<TState>(TState state)
        {
            All.Enqueue($"{state}");
            if (state is not IEnumerable<KeyValuePair<string, object?>> values) return;
            foreach (var (key, value) in values) All.Enqueue($"{key}={value}");
        }
    }
}
