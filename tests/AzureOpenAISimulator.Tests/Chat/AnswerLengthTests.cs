using System.Text.Json;
using System.Text.Json.Nodes;
using AzureOpenAISimulator.Content;
using AzureOpenAISimulator.Metering;
using AzureOpenAISimulator.Settings;
using AzureOpenAISimulator.Tests.Wire;

namespace AzureOpenAISimulator.Tests.Chat;

/// <summary>Answers that need more room than they are given are cut there, and billed as far as they go.</summary>
public sealed class AnswerLengthTests
{
    private const string Schema = """
        {"type":"object","properties":{"description":{"type":"string"},"text":{"type":"string"}},"required":["description","text"],
        "additionalProperties":false}
        """;

    private static readonly byte[] Page = Png.Grey(800, 1000);

    [Theory]
    [InlineData("gpt-4o", "max_tokens", null, 0)]
    [InlineData("gpt-5.6-luna", "max_completion_tokens", "low", 64)]
    [InlineData("gpt-5.6-luna", "max_completion_tokens", "none", 0)]
    public async Task A_page_of_5000_tokens_is_cut_at_4096_and_whole_at_6000(string model, string parameter, string? effort, int reasoning)
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Settings = new() { AnswerTokens = 5000 } });
        var cut = await simulator.ChatAsync("v1/chat/completions", Ask(model, parameter, 4096, effort));
        var whole = await simulator.ChatAsync("v1/chat/completions", Ask(model, parameter, 6000, effort));

        Assert.Equal(("length", 4096), (Finish(cut), (int)cut.Json["usage"]!["completion_tokens"]!));
        Assert.ThrowsAny<JsonException>(() => JsonNode.Parse(cut.Content));
        Assert.Equal(("stop", 5000 + reasoning), (Finish(whole), (int)whole.Json["usage"]!["completion_tokens"]!));
        Assert.NotNull(JsonNode.Parse(whole.Content)!["text"]);
        Assert.Equal([4096, 5000 + reasoning], simulator.Bill.Lines.Select(line => line.Usage.OutputTokens));
    }

    [Fact]
    public async Task A_page_that_a_test_knows_is_cut_where_its_words_no_longer_fit()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Know(new KnownContent(Sha256.Of(Page), Text: string.Concat(Enumerable.Repeat("Straße ", 1000))));
        var cut = await simulator.ChatAsync("v1/chat/completions", Ask("gpt-4o", "max_tokens", 500, null));
        Assert.Equal("length", Finish(cut));
        Assert.Equal(500, TextTokens.Of(cut.Content));
    }

    [Fact]
    public async Task A_limit_that_reasoning_fills_leaves_nothing_to_read_and_is_billed()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await simulator.ChatAsync("v1/chat/completions", Ask("gpt-5.6-luna", "max_completion_tokens", 40, "low"));
        Assert.Equal(("length", ""), (Finish(reply), reply.Content));
        var usage = Assert.Single(simulator.Bill.Lines).Usage;
        Assert.Equal((40, 40), (usage.OutputTokens, usage.ReasoningTokens));
    }

    [Fact]
    public async Task A_summary_is_lengthened_too_and_a_reset_ends_that()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Settings = new SimulatorSettings { AnswerTokens = 300 };
        var body = RawCalls.Says("hi");
        var long1 = await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), body);
        simulator.Reset();
        var short1 = await simulator.ChatAsync(RawCalls.Deployment("gpt-4o"), body);
        Assert.Equal((300, "Summary of 1 inputs. hi"), (TextTokens.Of(long1.Content), short1.Content));
    }

    private static JsonObject Ask(string model, string parameter, int limit, string? effort)
    {
        var body = RawCalls.Shows(RawCalls.DataUrl(Page)).WithSchema(Schema);
        body["model"] = model;
        body[parameter] = limit;
        if (effort is not null) body["reasoning_effort"] = effort;
        return body;
    }

    private static string? Finish(Reply reply) => (string?)reply.Json["choices"]![0]!["finish_reason"];
}
