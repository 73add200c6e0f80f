using System.Text.Json.Nodes;
using AzureOpenAISimulator.Tests.Wire;
using Microsoft.Extensions.Time.Testing;

namespace AzureOpenAISimulator.Tests.Caching;

/// <summary>What the service remembers of prompts, and what that costs and saves.</summary>
public sealed class PromptCacheTests
{
    private const string V1 = "v1/chat/completions";

    /// <summary>1,500 tokens, and 4 that frame the message.</summary>
    private static readonly string Instructions = string.Concat(Enumerable.Range(0, 1000).Select(number => $"{number:D5} "));

    private readonly FakeTimeProvider _time = new(new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("gpt-4o")]
    [InlineData("gpt-4.1-mini")]
    [InlineData("gpt-5.4-mini")]
    public async Task Before_gpt_5_6_the_same_beginning_is_read_in_steps_of_128_tokens_and_writing_is_free(string model)
    {
        await using var simulator = await StartAsync();
        var first = await simulator.ChatAsync(V1, Ask(model, "Page 1."));
        var second = await simulator.ChatAsync(V1, Ask(model, "Page 2."));

        Assert.Equal(0, Cached(first));
        // 1,504 tokens are the same and the next message's frame is too: 1,408 = 1,024 + 3 × 128.
        Assert.Equal(1408, Cached(second));
        Assert.Null(second.Json["usage"]!["prompt_tokens_details"]!["cache_write_tokens"]);
        var lines = simulator.Bill.Lines;
        Assert.Equal((0, 1408, 0), (lines[0].Usage.CachedTokens, lines[1].Usage.CachedTokens, lines[1].Usage.CacheWriteTokens));
        Assert.True(lines[1].Usd < lines[0].Usd);
    }

    [Fact]
    public async Task From_gpt_5_6_on_a_whole_prompt_is_written_and_an_unmarked_beginning_is_not_read()
    {
        await using var simulator = await StartAsync();
        var first = await simulator.ChatAsync(V1, Ask("gpt-5.6-luna", "Page 1."));
        var second = await simulator.ChatAsync(V1, Ask("gpt-5.6-luna", "Page 2."));
        var again = await simulator.ChatAsync(V1, Ask("gpt-5.6-luna", "Page 2."));

        // All but the 3 tokens that prime the answer.
        var whole = (int)first.Json["usage"]!["prompt_tokens"]! - 3;
        Assert.Equal((0, whole), (Cached(first), Written(first)));
        Assert.Equal((0, whole), (Cached(second), Written(second)));
        Assert.Equal((whole, 0), (Cached(again), Written(again)));
        var (written, read) = (simulator.Bill.Lines[0], simulator.Bill.Lines[2]);
        Assert.Equal((whole * 0.25m + 3 * 0.20m + written.Usage.OutputTokens * 1.20m) / 1_000_000, written.Usd);
        Assert.Equal((whole * 0.02m + 3 * 0.20m + read.Usage.OutputTokens * 1.20m) / 1_000_000, read.Usd);
    }

    [Fact]
    public async Task A_marked_beginning_is_read_exactly_and_only_the_rest_is_written()
    {
        await using var simulator = await StartAsync();
        var first = await simulator.ChatAsync(V1, Marked(Ask("gpt-5.6-luna", "Page 1.")));
        var second = await simulator.ChatAsync(V1, Marked(Ask("gpt-5.6-luna", "Page 2.")));

        Assert.Equal(0, Cached(first));
        // The instructions and their frame; then the second message with its own.
        Assert.Equal((1504, (int)second.Json["usage"]!["prompt_tokens"]! - 1504 - 3), (Cached(second), Written(second)));
    }

    [Fact]
    public async Task Explicit_mode_writes_marked_beginnings_alone_and_nothing_without_a_mark()
    {
        await using var simulator = await StartAsync();
        var unmarked = await simulator.ChatAsync(V1, Explicit(Ask("gpt-6-luna", "Page 1.")));
        var repeated = await simulator.ChatAsync(V1, Explicit(Ask("gpt-6-luna", "Page 1.")));
        var first = await simulator.ChatAsync(V1, Explicit(Marked(Ask("gpt-6-luna", "Page 1."))));
        var second = await simulator.ChatAsync(V1, Explicit(Marked(Ask("gpt-6-luna", "Page 2."))));

        Assert.Equal((0, 0, 0, 0), (Cached(unmarked), Written(unmarked), Cached(repeated), Written(repeated)));
        Assert.Equal((0, 1504), (Cached(first), Written(first)));
        Assert.Equal((1504, 0), (Cached(second), Written(second)));
        var line = simulator.Bill.Lines[0];
        Assert.Equal((line.Usage.InputTokens * 0.10m + line.Usage.OutputTokens * 0.50m) / 1_000_000, line.Usd);
    }

    [Fact]
    public async Task A_conversation_that_grows_reads_what_was_there_before()
    {
        await using var simulator = await StartAsync();
        var body = Ask("gpt-5.6-luna", "Page 1.");
        var first = await simulator.ChatAsync(V1, body);
        body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "assistant", ["content"] = "Noted." });
        body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "user", ["content"] = "Page 2." });
        var second = await simulator.ChatAsync(V1, body);
        Assert.Equal(Written(first), Cached(second));
    }

    [Theory]
    [InlineData("gpt-5.4-mini")]
    [InlineData("gpt-5.6-luna")]
    public async Task Nothing_shorter_than_1024_tokens_is_remembered(string model)
    {
        await using var simulator = await StartAsync();
        // With 4 + 7 tokens that frame the two messages, and 2 for "Page 1."
        async Task<(int, int)> TwiceAsync(int tokens)
        {
            var body = Ask(model, "Page 1.", new string('x', (tokens - 4 - 4 - 2) * 4));
            await simulator.ChatAsync(V1, body);
            var again = await simulator.ChatAsync(V1, body);
            return (Cached(again), Written(again));
        }

        Assert.Equal((0, 0), await TwiceAsync(1023));
        Assert.Equal((1024, 0), await TwiceAsync(1024));
    }

    [Fact]
    public async Task Models_keys_images_and_schemas_are_told_apart()
    {
        await using var simulator = await StartAsync();
        const string schema = """{"type":"object","properties":{"title":{"type":"string"}},"required":["title"],"additionalProperties":false}""";
        JsonObject Keyed(string? key, string model = "gpt-5.4-mini", bool withSchema = false)
        {
            var body = Ask(model, "Page 1.");
            if (key is not null) body["prompt_cache_key"] = key;
            return withSchema ? body.WithSchema(schema) : body;
        }

        await simulator.ChatAsync(V1, Keyed("a"));
        Assert.Equal(0, Cached(await simulator.ChatAsync(V1, Keyed("b"))));
        Assert.Equal(0, Cached(await simulator.ChatAsync(V1, Keyed(null))));
        Assert.Equal(0, Cached(await simulator.ChatAsync(V1, Keyed("a", "gpt-5.4"))));
        Assert.Equal(0, Cached(await simulator.ChatAsync(V1, Keyed("a", withSchema: true))));
        Assert.NotEqual(0, Cached(await simulator.ChatAsync(V1, Keyed("a"))));
    }

    [Fact]
    public async Task An_image_is_part_of_the_beginning()
    {
        await using var simulator = await StartAsync();
        async Task<int> ShowAsync(byte shade)
        {
            var body = RawCalls.Shows(RawCalls.DataUrl(Png.Grey(1024, 1024, shade)), "What is this?", "high");
            body["model"] = "gpt-5.4-mini";
            return Cached(await simulator.ChatAsync(V1, body));
        }

        Assert.Equal(0, await ShowAsync(1));
        Assert.Equal(0, await ShowAsync(2));
        Assert.Equal(1152, await ShowAsync(1));
    }

    [Fact]
    public async Task A_beginning_that_is_not_used_for_half_an_hour_is_forgotten()
    {
        await using var simulator = await StartAsync();
        await simulator.ChatAsync(V1, Ask("gpt-5.6-luna", "Page 1."));
        _time.Advance(TimeSpan.FromMinutes(29));
        Assert.NotEqual(0, Cached(await simulator.ChatAsync(V1, Ask("gpt-5.6-luna", "Page 1."))));
        _time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(0, Cached(await simulator.ChatAsync(V1, Ask("gpt-5.6-luna", "Page 1."))));
    }

    [Theory]
    [InlineData("o3-mini", true)]
    [InlineData("gpt-5.6-luna", false)]
    public async Task Nothing_is_remembered_for_models_without_a_price_for_it_or_unless_a_test_asks(string model, bool caching)
    {
        await using var simulator = await StartAsync(caching);
        await simulator.ChatAsync(V1, Ask(model, "Page 1."));
        await simulator.ChatAsync(V1, Ask(model, "Page 1."));
        Assert.All(simulator.Bill.Lines, line => Assert.Equal((0, 0), (line.Usage.CachedTokens, line.Usage.CacheWriteTokens)));
    }

    [Theory]
    [InlineData("gpt-5.6-luna", """{"mode":"sometimes"}""", "invalid_value", "prompt_cache_options.mode")]
    [InlineData("gpt-5.6-luna", """{"ttl":"1h"}""", "invalid_value", "prompt_cache_options.ttl")]
    [InlineData("gpt-5.4-mini", """{"mode":"explicit"}""", "unsupported_parameter", "prompt_cache_options")]
    public async Task Options_that_a_model_does_not_know_are_refused(string model, string options, string code, string parameter)
    {
        await using var simulator = await StartAsync();
        var body = Ask(model, "Page 1.");
        body["prompt_cache_options"] = JsonNode.Parse(options);
        var reply = await simulator.ChatAsync(V1, body);
        Assert.Equal((400, code, parameter), (reply.Status, reply.ErrorCode, reply.ErrorParam));
    }

    [Fact]
    public async Task A_mark_is_refused_by_models_that_know_none_and_the_older_retention_beside_the_newer_options()
    {
        await using var simulator = await StartAsync();
        var marked = await simulator.ChatAsync(V1, Marked(Ask("gpt-5.4-mini", "Page 1.")));
        var both = Explicit(Ask("gpt-5.6-luna", "Page 1."));
        both["prompt_cache_retention"] = "24h";
        var doubled = await simulator.ChatAsync(V1, both);
        Assert.Equal(("unsupported_parameter", "invalid_parameter_combination"), (marked.ErrorCode, doubled.ErrorCode));
    }

    private Task<SimulatorServer> StartAsync(bool caching = true) =>
        SimulatorServer.StartAsync(new SimulatorOptions { Time = _time, Settings = new() { PromptCaching = caching } });

    private static JsonObject Ask(string model, string question, string? instructions = null) => new()
    {
        ["model"] = model,
        ["messages"] = new JsonArray(
            new JsonObject
            {
                ["role"] = "system",
                ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = instructions ?? Instructions }),
            },
            new JsonObject { ["role"] = "user", ["content"] = question }),
    };

    private static JsonObject Marked(JsonObject body)
    {
        body["messages"]![0]!["content"]![0]!["prompt_cache_breakpoint"] = new JsonObject { ["mode"] = "explicit" };
        return body;
    }

    private static JsonObject Explicit(JsonObject body)
    {
        body["prompt_cache_options"] = new JsonObject { ["mode"] = "explicit" };
        return body;
    }

    private static int Cached(Reply reply) => (int)reply.Json["usage"]!["prompt_tokens_details"]!["cached_tokens"]!;

    private static int Written(Reply reply) => (int?)reply.Json["usage"]!["prompt_tokens_details"]!["cache_write_tokens"] ?? 0;
}
