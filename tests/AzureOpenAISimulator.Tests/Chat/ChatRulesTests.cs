using System.Text.Json.Nodes;
using AzureOpenAISimulator.Models;
using AzureOpenAISimulator.Tests.Media;
using AzureOpenAISimulator.Tests.Wire;

namespace AzureOpenAISimulator.Tests.Chat;

/// <summary>What chat completions refuse, and how they answer.</summary>
public sealed class ChatRulesTests
{
    [Theory]
    [InlineData("max_tokens", "100", "unsupported_parameter")]
    [InlineData("temperature", "0", "unsupported_value")]
    [InlineData("top_p", "0.5", "unsupported_parameter")]
    public async Task Reasoning_models_refuse_sampling_parameters(string parameter, string value, string code)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var body = RawCalls.Says("hi");
        body["model"] = "gpt-5-mini";
        body[parameter] = JsonNode.Parse(value);
        var reply = await simulator.ChatAsync("openai/v1/chat/completions", body);
        Assert.Equal((400, code, parameter), (reply.Status, reply.ErrorCode, reply.ErrorParam));
    }

    [Fact]
    public async Task Older_models_take_the_same_parameters()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var body = RawCalls.Says("hi");
        body["max_tokens"] = 100;
        body["temperature"] = 0;
        Assert.Equal(200, (await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), body)).Status);
    }

    [Theory]
    [InlineData("""{"messages":[]}""", "empty_array")]
    [InlineData("""{}""", "missing_required_parameter")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"max_tokens":"many"}""", "invalid_type")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"max_tokens":20000}""", "invalid_value")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"max_tokens":1,"max_completion_tokens":1}""", "invalid_parameter_combination")]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"stream":true}""", "unsupported_value")]
    public async Task A_malformed_request_is_refused(string body, string code)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), JsonNode.Parse(body)!.AsObject());
        Assert.Equal((400, code), (reply.Status, reply.ErrorCode));
        Assert.Empty(simulator.Bill.Lines);
    }

    [Fact]
    public async Task The_older_api_version_knows_no_schemas()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await simulator.ChatAsync(RawCalls.Deployment("gpt-4o", "2024-06-01"),
            RawCalls.Says("hi").WithSchema("""{"type":"object","properties":{},"required":[],"additionalProperties":false}"""));
        Assert.Equal((400, "BadRequest"), (reply.Status, reply.ErrorCode));
        Assert.Contains("2024-08-01-preview and later", reply.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_compatible_server_may_lack_schemas_but_follows_one_in_the_prompt()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions
        {
            Deployments = [new Deployment("llava", ModelFamilies.Find("gpt-4o"), JsonSchema: false)],
        });
        const string schema = """
            {"type":"object","properties":{"title":{"type":"string"},"topics":{"type":"array","items":{"type":"string"}}},
            "required":["title","topics"],"additionalProperties":false}
            """;
        var strict = RawCalls.Says("Summarize.").WithSchema(schema);
        strict["model"] = "llava";
        var mode = RawCalls.Says($"Answer in JSON that satisfies {schema}");
        mode["model"] = "llava";
        mode["response_format"] = new JsonObject { ["type"] = "json_object" };

        var refused = await simulator.ChatAsync("v1/chat/completions", strict);
        var answered = await simulator.ChatAsync("v1/chat/completions", mode);

        Assert.Equal(400, refused.Status);
        Assert.Contains("'json_schema' is not supported with this model", refused.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(["title", "topics"], JsonNode.Parse(answered.Content)!.AsObject().Select(property => property.Key));
    }

    [Fact]
    public async Task A_server_without_json_mode_still_follows_a_schema_in_the_prompt()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions
        {
            Deployments = [new Deployment("tiny", ModelFamilies.Find("gpt-4o"), JsonSchema: false, JsonMode: false)],
        });
        var body = RawCalls.Says("""Answer with JSON that fits {"type":"object","properties":{"title":{"type":"string"}}}""");
        body["model"] = "tiny";
        var plain = await simulator.ChatAsync("v1/chat/completions", body);
        body["response_format"] = new JsonObject { ["type"] = "json_object" };
        var mode = await simulator.ChatAsync("v1/chat/completions", body);

        Assert.NotNull(JsonNode.Parse(plain.Content)!["title"]);
        Assert.Equal(400, mode.Status);
        Assert.Contains("'json_object' is not supported with this model", mode.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_mode_wants_the_word_json()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var body = RawCalls.Says("hi");
        body["response_format"] = new JsonObject { ["type"] = "json_object" };
        var reply = await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), body);
        Assert.Equal((400, "messages"), (reply.Status, reply.ErrorParam));
    }

    [Fact]
    public async Task A_prompt_past_the_context_is_refused()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await simulator.ChatAsync(RawCalls.Deployment("gpt-4o-mini"), RawCalls.Says(new string('a', 4 * 128_001)));
        Assert.Equal((400, "context_length_exceeded"), (reply.Status, reply.ErrorCode));
        Assert.Contains("maximum context length is 128000 tokens", reply.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_past_max_tokens_is_cut_and_its_finish_reason_is_length()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var body = RawCalls.Says("hi there, how are you today");
        body["max_tokens"] = 3;
        var reply = await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), body);
        Assert.Equal("length", (string?)reply.Json["choices"]![0]!["finish_reason"]);
        Assert.Equal(12, reply.Content.Length);
    }

    [Fact]
    public async Task Usage_of_a_greeting_is_the_recorded_one()
    {
        // openai/openai-dotnet, tests/SessionRecords/ChatTests/HelloWorldChat.json.
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await simulator.ChatAsync(RawCalls.Deployment("gpt-4o-mini"), RawCalls.Says("Hello, world!"));
        Assert.Equal(11, (int)reply.Json["usage"]!["prompt_tokens"]!);
        Assert.Equal("gpt-4o-mini-2024-07-18", (string?)reply.Json["model"]);
    }

    [Fact]
    public async Task A_synthesis_names_its_inputs_and_their_first_words()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        const string schema = """
            {"type":"object","properties":{"title":{"type":"string"},"summary":{"type":"string"},"keyPoints":{"type":"array","items":{"type":"string"}}},
            "required":["title","summary","keyPoints"],"additionalProperties":false}
            """;
        const string named = """[{"name":"a.png","text":"A red door."},{"name":"b.mp3","text":"The bus leaves."}]""";
        const string tagged = """<item name="a.png">A red door.</item>""";
        var asJson = await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), RawCalls.Says($"inputs:\n{named}").WithSchema(schema));
        var asTags = await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), RawCalls.Says($"{tagged}\nPlain words too.").WithSchema(schema));

        Assert.Equal("a.png: A red door.", (string?)JsonNode.Parse(asJson.Content)!["title"]);
        Assert.Equal("Summary of 2 inputs. a.png: A red door.; b.mp3: The bus leaves.", (string?)JsonNode.Parse(asJson.Content)!["summary"]);
        var points = JsonNode.Parse(asTags.Content)!["keyPoints"]!.AsArray().Select(point => (string)point!);
        Assert.Equal(["a.png: A red door.", "Plain words too."], points);
    }

    [Fact]
    public async Task The_same_request_is_answered_the_same()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var body = RawCalls.Shows(RawCalls.DataUrl(Png.Grey(20, 10)));
        var first = await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), body);
        var second = await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), body.DeepClone().AsObject());
        Assert.Equal(first.Content, second.Content);
        var twice = Assert.Single(simulator.Bill.PaidTwice());
        Assert.Equal((Sha256.Of(Png.Grey(20, 10)), 2, 2), (twice.ContentHash, twice.Times, twice.Delivered));
    }

    [Fact]
    public async Task Damaged_and_foreign_images_are_refused()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var whole = Png.Grey(64, 64);
        async Task<string?> CodeAsync(string url) => (await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), RawCalls.Shows(url))).ErrorCode;

        Assert.Equal("image_parse_error", await CodeAsync(RawCalls.DataUrl(whole[..^20])));
        Assert.Equal("invalid_image_format", await CodeAsync(RawCalls.DataUrl("BM not for us, dear bitmap"u8.ToArray(), "image/bmp")));
        Assert.Equal("invalid_base64", await CodeAsync("data:image/png;base64,%%%"));
        Assert.Equal("BadRequest", await CodeAsync("C:\\photo.png"));
        Assert.Equal("invalid_image_url", await CodeAsync("https://example.com/photo.png"));
        Assert.Equal("sanitizer_server_error", await CodeAsync(RawCalls.DataUrl([.. whole, .. new byte[20 * 1024 * 1024]])));
        Assert.Empty(simulator.Bill.Lines);
    }

    [Fact]
    public async Task A_model_without_vision_refuses_images()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var body = RawCalls.Shows(RawCalls.DataUrl(Png.Grey(8, 8)));
        body["model"] = "o3-mini";
        var reply = await simulator.ChatAsync("v1/chat/completions", body);
        Assert.Equal((400, "messages.[0].content.[1].type"), (reply.Status, reply.ErrorParam));
    }
}
