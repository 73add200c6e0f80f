using System.ClientModel;
using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Azure.Core;
using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Ai.Transport;

namespace MultiModal.Pipeline.Tests.Ai;

/// <summary>Every call that is made through the SDK, as it reaches the server: what a newer version of the SDK must not change.</summary>
public sealed class SdkCallsTests : IDisposable
{
    private readonly HttpListener server = new();
    private readonly ConcurrentQueue<(string Method, string Address, IReadOnlyList<string> Headers)> seen = new();
    private readonly Uri address = new($"http://127.0.0.1:{LoopbackPort.Free()}/");
    private readonly HttpClient http = new();

    public SdkCallsTests()
    {
        server.Prefixes.Add(address.ToString());
        server.Start();
        _ = AnswerAsync();
    }

    public void Dispose()
    {
        server.Close();
        http.Dispose();
    }

    [Theory]
    [InlineData(true, AzurePath.V1, "/openai/v1/chat/completions", "/openai/v1/audio/transcriptions", "/openai/v1/models")]
    [InlineData(
        true, AzurePath.Deployments, "/openai/deployments/m/chat/completions?api-version=2024-10-21",
        "/openai/deployments/m/audio/transcriptions?api-version=2024-10-21", "/openai/v1/models")]
    [InlineData(false, AzurePath.V1, "/chat/completions", "/audio/transcriptions", "/models")]
    public async Task Every_call_goes_where_it_should_and_says_nothing_about_the_machine(
        bool azure, AzurePath path, string chat, string audio, string models)
    {
        var connection = azure
            ? ProviderConnection.ToAzure(address, "secret", new NoCredential(), http, TimeProvider.System)
            : ProviderConnection.ToCompatible(address, "secret", http, TimeProvider.System);
        var client = connection.Client(path);
        var options = ProviderConnection.Options(CancellationToken.None);
        using var body = BinaryContent.Create(BinaryData.FromString("{}"));
        var answer = await client.GetChatClient("m").CompleteChatAsync(body, options);
        Assert.Equal(418, answer.GetRawResponse().Status);
        using var form = BinaryContent.Create(BinaryData.FromString("--b--"));
        await client.GetAudioClient("m").TranscribeAudioAsync(form, "multipart/form-data; boundary=b", options);
        Assert.False((await connection.ListModelsAsync("m", TimeProvider.System, CancellationToken.None)).Succeeded);

        Assert.Equal([$"POST {chat}", $"POST {audio}", $"GET {models}"], seen.Select(s => $"{s.Method} {s.Address}"));
        string[] allowed = [
            "Host", "Accept", "User-Agent", "Content-Type", "Content-Length", "traceparent", "Transfer-Encoding", "x-ms-client-request-id"];
        foreach (var (_, _, headers) in seen)
        {
            Assert.Contains(azure ? "api-key" : "Authorization", headers, StringComparer.OrdinalIgnoreCase);
            var others = headers.Except(["api-key", "Authorization"], StringComparer.OrdinalIgnoreCase);
            Assert.All(others, header => Assert.Contains(header, allowed, StringComparer.OrdinalIgnoreCase));
        }

        Assert.True(AppContext.TryGetSwitch("OpenAI.DisableTelemetry", out var off) && off);
    }

    private async Task AnswerAsync()
    {
        try
        {
            while (server.IsListening)
            {
                var context = await server.GetContextAsync();
                var request = context.Request;
                seen.Enqueue((request.HttpMethod, request.RawUrl!, [.. request.Headers.AllKeys.OfType<string>()]));
                await request.InputStream.CopyToAsync(Stream.Null);
                context.Response.StatusCode = 418;
                context.Response.Close(Encoding.UTF8.GetBytes("{}"), willBlock: false);
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private sealed class NoCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("There is a key.");

        public override ValueTask<AccessToken> GetTokenAsync(
            TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new InvalidOperationException("There is a key.");
    }
}
