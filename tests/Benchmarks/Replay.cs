using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using MultiModal.Testing.Storage;

namespace MultiModal.Benchmarks;

/// <summary>
/// The requests of a recorded run, sent to a fresh Azurite with nothing but the requests: each begins when those have been answered that had been
/// answered before it began in the run, so that their order and their parallelism are the same. Versions that Azurite gave in the run are replaced
/// by those that it gives now.
/// </summary>
internal sealed partial class Replay : IDisposable
{
    // Of the signature, which covers versions that differ now, and of one connection.
    private static readonly string[] LeftOut = ["Authorization", "Host", "Connection", "Transfer-Encoding", "Expect", "Content-Length"];

    private readonly Dictionary<string, Uri> endpoints;
    private readonly string signature;
    private readonly ConcurrentDictionary<string, string> versions = new(StringComparer.Ordinal);
    private readonly HttpMessageInvoker http = new(new SocketsHttpHandler { UseCookies = false, MaxConnectionsPerServer = 256 });

    /// <param name="connectionString">The account of a fresh Azurite, of the same name as the recorded one.</param>
    public Replay(string connectionString)
    {
        var parts = connectionString.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
        signature = AccountSignature.Create(parts["AccountName"], parts["AccountKey"]);
        endpoints = new[] { "Blob", "Table" }.ToDictionary(service => service, service => new Uri(parts[$"{service}Endpoint"]));
    }

    /// <summary>Sends requests, and waits until all are answered.</summary>
    /// <returns>Seconds that it took.</returns>
    public async Task<double> SendAsync(IEnumerable<Exchange> exchanges)
    {
        var events = exchanges
            .SelectMany(e => new[] { (At: e.Arrived, Exchange: e, IsArrival: true), (At: e.Answered, Exchange: e, IsArrival: false) })
            .OrderBy(e => e.At);
        var underWay = new Dictionary<Exchange, Task>(ReferenceEqualityComparer.Instance);
        var watch = Stopwatch.StartNew();
        foreach (var (_, exchange, isArrival) in events)
        {
            if (isArrival) underWay.Add(exchange, SendAsync(exchange));
            else await underWay[exchange];
        }

        return watch.Elapsed.TotalSeconds;
    }

    public void Dispose() => http.Dispose();

    private async Task SendAsync(Exchange exchange)
    {
        using var request = new HttpRequestMessage(new HttpMethod(exchange.Request.Method), Address(exchange));
        if (exchange.Body.Length > 0 || exchange.Request.Method is "PUT" or "POST") request.Content = new ByteArrayContent(Body(exchange));
        foreach (var (name, value) in exchange.Headers)
        {
            if (LeftOut.Contains(name, StringComparer.OrdinalIgnoreCase)) continue;
            var now = name.StartsWith("If-", StringComparison.OrdinalIgnoreCase) ? versions.GetValueOrDefault(value, value) : value;
            if (!request.Headers.TryAddWithoutValidation(name, now)) request.Content?.Headers.TryAddWithoutValidation(name, now);
        }

        using var answer = await http.SendAsync(request, CancellationToken.None);
        await answer.Content.CopyToAsync(Stream.Null);
        if (exchange.ETag is { } then && answer.Headers.ETag?.ToString() is { } since) versions[then] = since;
    }

    private Uri Address(Exchange exchange)
    {
        var target = exchange.Request.Target;
        return new Uri(
            endpoints[exchange.Service].GetLeftPart(UriPartial.Authority) + target + (target.Contains('?', StringComparison.Ordinal) ? '&' : '?') + signature,
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
    }

    /// <summary>A transaction of the table has requests of its own in its body, with conditions of their own.</summary>
    private byte[] Body(Exchange exchange)
    {
        if (exchange.Service != "Table" || !exchange.Request.Touches("$batch")) return exchange.Body;
        var text = Condition().Replace(Encoding.UTF8.GetString(exchange.Body), match => versions.GetValueOrDefault(match.Value, match.Value));
        return Encoding.UTF8.GetBytes(text);
    }

    [GeneratedRegex(@"(?<=\nIf-Match: )[^\r\n]+", RegexOptions.IgnoreCase)]
    private static partial Regex Condition();
}
