using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Tests.Wire;

/// <summary>Who and where: authentication, api-versions, names.</summary>
public sealed class DoorTests
{
    [Theory]
    [InlineData("openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", "401", "invalid subscription key")]
    [InlineData("openai/v1/chat/completions", "401", "invalid subscription key")]
    [InlineData("v1/chat/completions", "invalid_api_key", "Incorrect API key provided: not-a-r*************ized")]
    public async Task A_wrong_key_is_refused_in_the_words_of_each_api(string path, string code, string words)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await simulator.SendAsync(path, Hello(), headers =>
        {
            if (path.StartsWith("openai/", StringComparison.Ordinal)) headers.Add("api-key", "not-a-real-key-sanitized");
            else headers.Authorization = new AuthenticationHeaderValue("Bearer", "not-a-real-key-sanitized");
        });

        Assert.Equal((401, code), (reply.Status, reply.ErrorCode));
        Assert.Contains(words, reply.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_key_at_all_is_refused()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        Assert.Equal(401, (await simulator.SendAsync("v1/chat/completions", Hello(), _ => { })).Status);
        Assert.Equal(401, (await simulator.SendAsync(RawCalls.Deployment("gpt-4o"), Hello(), _ => { })).Status);
    }

    [Fact]
    public async Task Azure_takes_a_token_and_names_a_wrong_one()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { BearerTokens = ["entra-token"] });
        var accepted = await simulator.SendAsync(
            RawCalls.Deployment("gpt-4o"), Hello(), headers => headers.Authorization = new AuthenticationHeaderValue("Bearer", "entra-token"));
        var refused = await simulator.SendAsync(
            RawCalls.Deployment("gpt-4o"), Hello(), headers => headers.Authorization = new AuthenticationHeaderValue("Bearer", "stale"));

        Assert.Equal(200, accepted.Status);
        Assert.Equal(401, refused.Status);
        Assert.Contains("audience is incorrect", refused.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(["bearer", null], simulator.Requests.Select(call => call.Authentication));
    }

    [Theory]
    [InlineData("openai/deployments/gpt-4o/chat/completions?api-version=2031-01-01", 404, "404")]
    [InlineData("openai/deployments/gpt-4o/chat/completions", 404, "404")]
    [InlineData("openai/v1/chat/completions?api-version=2024-10-21", 400, "BadRequest")]
    [InlineData("openai/nowhere", 404, "404")]
    public async Task An_unknown_version_or_path_is_refused(string path, int status, string code)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await simulator.SendAsync(path, Hello("gpt-4o"), headers => headers.Add("api-key", simulator.Key));
        Assert.Equal((status, code), (reply.Status, reply.ErrorCode));
    }

    [Theory]
    [InlineData("openai/deployments/nobody/chat/completions?api-version=2024-06-01", "DeploymentNotFound")]
    [InlineData("openai/v1/chat/completions", "DeploymentNotFound")]
    [InlineData("v1/chat/completions", "model_not_found")]
    public async Task An_unknown_deployment_is_not_found(string path, string code)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var body = RawCalls.Says("hi");
        body["model"] = "nobody";
        var reply = await simulator.ChatAsync(path, body);
        Assert.Equal((404, code), (reply.Status, reply.ErrorCode));
    }

    [Fact]
    public async Task A_v1_call_must_name_its_model()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await simulator.ChatAsync("v1/chat/completions", RawCalls.Says("hi"));
        Assert.Equal((400, "you must provide a model parameter"), (reply.Status, reply.ErrorMessage));
    }

    [Fact]
    public async Task Models_newer_than_the_dated_versions_are_called_through_v1()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var dated = await simulator.ChatAsync(RawCalls.Deployment("o4-mini"), RawCalls.Says("hi"));
        var body = RawCalls.Says("hi");
        body["model"] = "o4-mini";
        var undated = await simulator.ChatAsync("openai/v1/chat/completions", body);

        Assert.Equal((400, "BadRequest"), (dated.Status, dated.ErrorCode));
        Assert.Contains("enabled only for api versions 2024-12-01-preview and later", dated.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(200, undated.Status);
    }

    [Fact]
    public async Task A_speech_model_does_not_chat_and_a_chat_model_does_not_hear()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var chat = await simulator.ChatAsync(RawCalls.Deployment("whisper"), RawCalls.Says("hi"));
        var speech = await simulator.TranscribeAsync(RawCalls.Transcriptions("gpt-4o"), Wav.Tone(1));
        Assert.Equal((400, "OperationNotSupported"), (chat.Status, chat.ErrorCode));
        Assert.Equal((400, "OperationNotSupported"), (speech.Status, speech.ErrorCode));
    }

    [Fact]
    public async Task Models_are_listed_to_who_has_the_key()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(simulator.Endpoint, "v1/models"));
        using var refused = await RawCalls.Http.GetAsync(request.RequestUri);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", simulator.Key);
        using var response = await RawCalls.Http.SendAsync(request);
        var list = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

        Assert.Equal(401, (int)refused.StatusCode);
        Assert.Contains("whisper-1", list["data"]!.AsArray().Select(model => (string)model!["id"]!));
    }

    [Fact]
    public async Task The_log_keeps_no_key_and_no_image()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var image = Png.Grey(64, 64);
        await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), RawCalls.Shows(RawCalls.DataUrl(image)));

        var call = Assert.Single(simulator.Requests);
        var kept = System.Text.Json.JsonSerializer.Serialize(call, WireJson.Options);
        Assert.DoesNotContain(simulator.Key, kept, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(image)[..40], kept, StringComparison.Ordinal);
        Assert.Contains($"sha256:{Sha256.Of(image)}", kept, StringComparison.Ordinal);
        Assert.Equal((Dialect.AzureDeployment, "gpt-4o", 64), (call.Dialect, call.Deployment, call.Media[0].Width));
    }

    private static StringContent Hello(string? model = null)
    {
        var body = RawCalls.Says("hi");
        if (model is not null) body["model"] = model;
        return new(body.ToJsonString(), Encoding.UTF8, "application/json");
    }
}
