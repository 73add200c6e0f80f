using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Tests.Media;
using AzureOpenAISimulator.Tests.Wire;
using AzureOpenAISimulator.Wire;
using Microsoft.Extensions.Time.Testing;

namespace AzureOpenAISimulator.Tests.Faults;

public sealed class FaultTests
{
    private const string Schema =
        """{"type":"object","properties":{"summary":{"type":"string"}},"required":["summary"],"additionalProperties":false}""";

    [Theory]
    [InlineData(FaultKind.ResetBeforeAnswer, 0)]
    [InlineData(FaultKind.AnswerLost, 1)]
    [InlineData(FaultKind.ResetDuringAnswer, 1)]
    public async Task A_reset_breaks_the_call_and_is_billed_if_the_model_had_answered(FaultKind kind, int lines)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(kind)));

        await Assert.ThrowsAsync<HttpRequestException>(() => simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), RawCalls.Says("hi")));

        Assert.Equal(lines, simulator.Bill.Lines.Count);
        Assert.All(simulator.Bill.Lines, line => Assert.False(line.Delivered));
        Assert.Equal(kind, Assert.Single(simulator.Requests).Fault);
    }

    [Fact]
    public async Task A_connection_closed_after_the_answer_leaves_the_answer_and_was_not_announced()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.ClosedAfterAnswer)));
        var body = RawCalls.Says("hi").ToJsonString();
        using var client = new TcpClient();
        await client.ConnectAsync(simulator.Endpoint.Host, simulator.Endpoint.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST /{RawCalls.Deployment("gpt-4o")} HTTP/1.1\r\nHost: localhost\r\napi-key: {simulator.Key}\r\nContent-Length: {body.Length}\r\n\r\n{body}"));

        var answer = await new StreamReader(stream).ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.EndsWith("}", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Connection: close", answer, StringComparison.OrdinalIgnoreCase);
        Assert.True(Assert.Single(simulator.Bill.Lines).Delivered);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    public async Task A_server_error_is_not_billed(int status)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.ServerError) { Status = status }));
        var azure = await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), RawCalls.Says("hi"));
        var body = RawCalls.Says("hi");
        body["model"] = "gpt-4o";
        var openAI = await simulator.ChatAsync("v1/chat/completions", body);

        Assert.Equal((status, status), (azure.Status, openAI.Status));
        Assert.Equal("server_error", (string?)openAI.Error["type"]);
        Assert.Empty(simulator.Bill.Lines);
    }

    [Fact]
    public async Task A_truncated_body_is_no_json()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.TruncatedBody)));
        var reply = await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), RawCalls.Says("hi"));
        Assert.Equal(200, reply.Status);
        Assert.ThrowsAny<JsonException>(() => reply.Json);
        Assert.Single(simulator.Bill.Lines);
    }

    [Fact]
    public async Task Truncated_output_is_valid_outside_and_no_json_inside()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.TruncatedOutput)));
        var reply = await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), RawCalls.Says("hi").WithSchema(Schema));
        Assert.Equal("length", (string?)reply.Json["choices"]![0]!["finish_reason"]);
        Assert.ThrowsAny<JsonException>(() => JsonNode.Parse(reply.Content));
    }

    [Fact]
    public async Task A_schema_violation_lacks_what_was_required()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.SchemaViolation)));
        var chat = await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), RawCalls.Says("hi").WithSchema(Schema));
        var speech = await simulator.TranscribeAsync(RawCalls.Transcriptions("whisper"), Wav.Tone(1));
        Assert.Null(JsonNode.Parse(chat.Content)!["summary"]);
        Assert.Null(speech.Json["text"]);
    }

    [Fact]
    public async Task Prose_comes_where_json_was_asked_for()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.NotJson)));
        var reply = await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), RawCalls.Says("hi").WithSchema(Schema));
        Assert.StartsWith("Certainly!", reply.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_filtered_prompt_names_the_category_and_is_not_billed()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.PromptFiltered)));
        var reply = await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), RawCalls.Says("hi"));
        Assert.Equal((400, "content_filter", "prompt"), (reply.Status, reply.ErrorCode, reply.ErrorParam));
        Assert.Equal("ResponsibleAIPolicyViolation", (string?)reply.Error["innererror"]!["code"]);
        Assert.True((bool)reply.Error["innererror"]!["content_filter_result"]!["violence"]!["filtered"]!);
        Assert.Empty(simulator.Bill.Lines);
    }

    [Fact]
    public async Task A_filtered_completion_and_a_refusal_carry_no_content()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.CompletionFiltered)) { Nth = 1 }, new ScriptRule(new Fault(FaultKind.Refusal)) { Nth = 2 });
        var filtered = await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), RawCalls.Says("hi"));
        var refused = await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), RawCalls.Says("hi"));

        Assert.Equal("content_filter", (string?)filtered.Json["choices"]![0]!["finish_reason"]);
        Assert.Null(filtered.Json["choices"]![0]!["message"]!["content"]);
        Assert.StartsWith("I'm sorry", (string?)refused.Json["choices"]![0]!["message"]!["refusal"], StringComparison.Ordinal);
        Assert.Null(refused.Json["choices"]![0]!["message"]!["content"]);
        Assert.Equal(2, simulator.Bill.Lines.Count);
    }

    [Fact]
    public async Task A_wrong_content_type_and_a_missing_usage_are_sent_as_scripted()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.WrongContentType)) { Nth = 1 }, new ScriptRule(new Fault(FaultKind.NoUsage)) { Nth = 2 });
        var page = await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), RawCalls.Says("hi"));
        var unmetered = await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), RawCalls.Says("hi"));
        Assert.Equal((200, "text/html; charset=utf-8"), (page.Status, page.ContentType));
        Assert.Null(unmetered.Json["usage"]);
    }

    [Fact]
    public async Task A_delay_and_a_slow_drip_follow_the_configured_clock()
    {
        var time = new FakeTimeProvider();
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Time = time });
        simulator.Play(
            new ScriptRule(new Fault(FaultKind.Delay) { DelayMs = 3_600_000 }) { Nth = 1 },
            new ScriptRule(new Fault(FaultKind.SlowDrip) { ChunkBytes = 100, IntervalMs = 600_000 }) { Nth = 2 });

        for (var call = 1; call <= 2; call++)
        {
            var started = time.GetUtcNow();
            var reply = simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), RawCalls.Says("hi"));
            await Eventually.IsTrueAsync("the reply", () => reply.IsCompleted, () => time.Advance(TimeSpan.FromMinutes(1)));
            Assert.Equal("Summary of 1 inputs. hi", (await reply).Content);
            Assert.True(time.GetUtcNow() - started >= TimeSpan.FromHours(1));
        }
    }

    [Fact]
    public async Task A_caller_who_gives_up_is_billed_for_what_was_not_delivered()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Time = new FakeTimeProvider() });
        simulator.Play(new ScriptRule(new Fault(FaultKind.Delay) { DelayMs = 1000 }));
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Add("api-key", simulator.Key);
        using var patience = new CancellationTokenSource();
        var call = client.PostAsync(
            new Uri(simulator.Endpoint, RawCalls.Deployment("gpt-4o")), new StringContent(RawCalls.Says("hi").ToJsonString()), patience.Token);
        await Eventually.IsTrueAsync("one line on the bill", () => simulator.Bill.Lines.Count == 1);

        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await Eventually.IsTrueAsync("no call under way", () => simulator.Gauge.Current == 0);
        Assert.False(Assert.Single(simulator.Bill.Lines).Delivered);
    }

    [Fact]
    public async Task A_call_that_hangs_does_not_hold_up_the_end()
    {
        var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Time = new FakeTimeProvider() });
        simulator.Play(new ScriptRule(new Fault(FaultKind.Delay) { DelayMs = 1000 }));
        var call = simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), RawCalls.Says("hi"));
        await Eventually.IsTrueAsync("one line on the bill", () => simulator.Bill.Lines.Count == 1);

        await simulator.DisposeAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => call);
    }

    [Fact]
    public async Task Rules_choose_by_deployment_kind_content_and_count()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var poison = Wav.Tone(1.5);
        var error = new Fault(FaultKind.ServerError);
        simulator.Play(
            new ScriptRule(error) { Deployment = "gpt-4o", First = 1 },
            new ScriptRule(error) { Deployment = "gpt-4.1", Every = 2 },
            new ScriptRule(error) { Kind = CallKind.Transcription, ContentHash = Sha256.Of(poison) });
        async Task<string> ChatAsync(string name, int times)
        {
            var statuses = new List<int>();
            for (var call = 0; call < times; call++) statuses.Add((await simulator.ChatAsync(RawCalls.Deployment(name), RawCalls.Says("hi"))).Status);
            return string.Join(' ', statuses);
        }
        async Task<int> SpeechAsync(byte[] recording) => (await simulator.TranscribeAsync(RawCalls.Transcriptions("whisper"), recording)).Status;

        Assert.Equal("500 200 200", await ChatAsync("gpt-4o", 3));
        Assert.Equal("200 500 200 500", await ChatAsync("gpt-4.1", 4));
        Assert.Equal("200 200", await ChatAsync("gpt-4o-mini", 2));
        Assert.Equal(200, await SpeechAsync(Wav.Tone(1)));
        Assert.Equal(500, await SpeechAsync(poison));
        Assert.Equal(500, await SpeechAsync(poison));
    }

    [Theory]
    [InlineData(503, 503)]
    [InlineData(404, 404)]
    public async Task A_deployment_dies_at_one_call_and_comes_back_at_another_while_its_neighbour_lives(int fault, int status)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.ServerError) { Status = fault }) { Deployment = "gpt-4o", From = 3, To = 5 });
        async Task<int> AskAsync(string name) => (await simulator.ChatAsync(RawCalls.Deployment(name), RawCalls.Says("hi"))).Status;

        var statuses = new List<int>();
        for (var call = 0; call < 7; call++)
        {
            statuses.Add(await AskAsync("gpt-4o"));
            Assert.Equal(200, await AskAsync("gpt-4.1"));
        }

        Assert.Equal([200, 200, status, status, status, 200, 200], statuses);
        Assert.Equal(4, simulator.Bill.Lines.Count(line => line.Deployment == "gpt-4o"));
    }

    [Fact]
    public async Task A_missing_deployment_gives_the_error_code_of_its_dialect()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.ServerError) { Status = 404 }));
        var body = RawCalls.Says("hi");
        body["model"] = "gpt-4o";
        var azure = await simulator.ChatAsync("openai/v1/chat/completions", body);
        var openAI = await simulator.ChatAsync("v1/chat/completions", body);
        Assert.Equal(("DeploymentNotFound", "model_not_found"), (azure.ErrorCode, openAI.ErrorCode));
    }

    [Fact]
    public async Task A_deployment_that_hangs_pays_for_nothing()
    {
        var time = new FakeTimeProvider();
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Time = time });
        simulator.Play(new ScriptRule(new Fault(FaultKind.ResetBeforeAnswer) { DelayMs = 3_600_000 }));
        var call = simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), RawCalls.Says("hi"));
        await Eventually.IsTrueAsync("the call has arrived", () => simulator.Requests is [{ Fault: FaultKind.ResetBeforeAnswer }]);
        Assert.False(call.IsCompleted);

        await Eventually.IsTrueAsync("the connection is reset", () => call.IsCompleted, () => time.Advance(TimeSpan.FromMinutes(10)));

        await Assert.ThrowsAsync<HttpRequestException>(() => call);
        Assert.Empty(simulator.Bill.Lines);
    }

    [Fact]
    public async Task A_rule_can_look_for_words()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.PromptFiltered)) { Contains = "forbidden" });
        Assert.Equal(200, (await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), RawCalls.Says("allowed"))).Status);
        Assert.Equal(400, (await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), RawCalls.Says("what is forbidden"))).Status);
    }

    [Fact]
    public void Chance_depends_on_seed_and_content_not_on_order()
    {
        static List<string> Struck(int seed, IEnumerable<int> order)
        {
            var player = new ScriptPlayer { Script = new Script([new ScriptRule(new Fault(FaultKind.ServerError)) { Probability = 0.3 }], seed) };
            var contents = order.Select(number => $"content-{number}");
            return [.. contents.Where(content => player.Next(Chat(content)) is not null).Order(StringComparer.Ordinal)];
        }
        var forward = Struck(7, Enumerable.Range(0, 1000));

        Assert.Equal(forward, Struck(7, Enumerable.Range(0, 1000).Reverse()));
        Assert.NotEqual(forward, Struck(8, Enumerable.Range(0, 1000)));
        Assert.InRange(forward.Count, 250, 350);
    }

    [Fact]
    public void A_retry_draws_a_new_random_outcome()
    {
        var player = new ScriptPlayer { Script = new Script([new ScriptRule(new Fault(FaultKind.ServerError)) { Probability = 0.5 }], Seed: 1) };
        var outcomes = Enumerable.Range(0, 50).Select(_ => player.Next(Chat("same")) is null).ToList();
        Assert.Contains(true, outcomes);
        Assert.Contains(false, outcomes);
    }

    private static ScriptedCall Chat(string content) => new(CallKind.Chat, "gpt-4o", ServiceTier.Default, [content], []);
}
