using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using MultiModal.Pipeline.Batches;

namespace MultiModal.Web.Tests;

[Collection(SharedAzurite.Name)]
public sealed class ProblemTests(AzuriteFixture azurite)
{
    [Theory]
    [InlineData("GET", "/nothing", 404, "not-found", null)]
    [InlineData("GET", "/api/nothing", 404, "not-found", null)]
    [InlineData("GET", "/api/batches/b/files/a/b/c", 404, "file-not-found", null)]
    [InlineData("GET", "/dashboard/nothing.js", 404, null, null)]
    [InlineData("POST", "/api/costs", 405, "method-not-allowed", "GET")]
    [InlineData("PATCH", "/api/batches/b", 405, "method-not-allowed", "DELETE, GET")]
    [InlineData("POST", "/api/batches/b/files/a/b/c", 405, "method-not-allowed", "DELETE, GET, HEAD, PUT")]
    [InlineData("DELETE", "/healthz", 405, "method-not-allowed", "GET")]
    [InlineData("PUT", "/", 405, "method-not-allowed", "GET")]
    public async Task An_unknown_address_and_a_wrong_method_are_problems_too(string method, string address, int status, string? code, string? allowed)
    {
        await using var server = await ApiServer.StartAsync(await azurite.NewAccountAsync());
        using var response = await server.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), address));

        if (code is not null) await ApiServer.AssertProblemAsync(response, status, code);
        Assert.Equal(status, (int)response.StatusCode);
        if (allowed is not null) Assert.Equal(allowed, string.Join(", ", response.Content.Headers.Allow));
    }

    [Fact]
    public async Task The_trace_id_of_a_problem_leads_to_its_line_in_the_log()
    {
        var account = await azurite.NewAccountAsync();
        var lines = new ConcurrentQueue<string>();
        using var log = new LinesProvider(lines);
        await using var server = await ApiServer.StartLoggedAsync(account, log);
        await server.Account.State.GetBlobClient("batches/broken.json").UploadAsync(BinaryData.FromString("no JSON"));

        foreach (var (address, status) in new[] { ("/api/batches/none", HttpStatusCode.NotFound), ("/api/batches/broken", HttpStatusCode.InternalServerError) })
        {
            using var response = await server.Client.GetAsync(new Uri(address, UriKind.Relative));
            var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
            var traceId = problem.GetProperty("traceId").GetString()!;

            Assert.Equal(status, response.StatusCode);
            Assert.Contains(lines, line => line.Contains(traceId, StringComparison.Ordinal) && line.Contains("MultiModal.Web", StringComparison.Ordinal));
        }
    }

    private sealed class LinesProvider(ConcurrentQueue<string> lines) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new Lines(categoryName, lines);

        public void Dispose()
        {
        }

        private sealed class Lines(string category, ConcurrentQueue<string> lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                lines.Enqueue($"{category}: {formatter(state, exception)}");
        }
    }
}
