using System.Text.Json.Nodes;
using AzureOpenAISimulator.Models;
using AzureOpenAISimulator.Tests.Wire;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Tests.Chat;

/// <summary>What each family of chat models takes and refuses.</summary>
public sealed class ModelRulesTests
{
    private static readonly string[] Efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

    public static TheoryData<string, string> EffortsByModel => new()
    {
        { "gpt-5", "minimal low medium high" },
        { "gpt-5-mini", "minimal low medium high" },
        { "gpt-5-nano", "minimal low medium high" },
        { "gpt-5.1", "none low medium high" },
        { "gpt-5.2", "none low medium high xhigh" },
        { "gpt-5.4", "none low medium high xhigh" },
        { "gpt-5.4-mini", "none low medium high xhigh" },
        { "gpt-5.4-nano", "none low medium high xhigh" },
        { "gpt-5.5", "none low medium high xhigh" },
        { "gpt-5.6-sol", "none low medium high xhigh max" },
        { "gpt-5.6-terra", "none low medium high xhigh max" },
        { "gpt-5.6-luna", "none low medium high xhigh max" },
        { "gpt-6-luna", "none low medium high xhigh max" },
        { "gpt-6-sol", "none low medium high xhigh max" },
        { "gpt-6-astra", "low medium high xhigh max" },
        { "gpt-6.1-sol", "low medium high xhigh max" },
        { "gpt-6.1-terra", "none low medium high xhigh max" },
        { "o4-mini", "low medium high" },
    };

    [Theory]
    [MemberData(nameof(EffortsByModel))]
    public async Task A_model_takes_its_own_efforts_and_azure_leaves_max_to_the_responses_api(string model, string taken)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        foreach (var effort in Efforts)
        {
            var body = Ask(model, ("reasoning_effort", effort));
            var openAI = await simulator.ChatAsync("v1/chat/completions", body);
            var azure = await simulator.ChatAsync("openai/v1/chat/completions", body);
            var expected = taken.Split(' ').Contains(effort) ? 200 : 400;
            Assert.Equal((effort, expected, effort == "max" ? 400 : expected), (effort, openAI.Status, azure.Status));
            if (openAI.Status == 400) Assert.Equal(("unsupported_value", "reasoning_effort"), (openAI.ErrorCode, openAI.ErrorParam));
        }
    }

    [Fact]
    public async Task An_effort_that_does_not_exist_is_named()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await simulator.ChatAsync("v1/chat/completions", Ask("gpt-5.6-luna", ("reasoning_effort", "huge")));
        Assert.Equal((400, "invalid_value"), (reply.Status, reply.ErrorCode));
        Assert.StartsWith("Invalid value: 'huge'. Supported values are: 'none', 'minimal',", reply.ErrorMessage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpt-4o")]
    [InlineData("gpt-4.1-mini")]
    public async Task A_model_that_does_not_reason_knows_no_effort_and_both_limits(string model)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        Assert.Equal(400, (await simulator.ChatAsync("v1/chat/completions", Ask(model, ("reasoning_effort", "low")))).Status);
        Assert.Equal(200, (await simulator.ChatAsync("v1/chat/completions", Ask(model, ("max_tokens", 100), ("temperature", 0)))).Status);
        Assert.Equal(200, (await simulator.ChatAsync("v1/chat/completions", Ask(model, ("max_completion_tokens", 100), ("top_p", 0.5)))).Status);
    }

    [Fact]
    public async Task Every_model_that_reasons_refuses_the_old_limit_and_penalties()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        foreach (var model in ModelFamilies.All.Where(family => family.Reasoning is not null))
        {
            foreach (var parameter in new[] { "max_tokens", "presence_penalty", "frequency_penalty", "top_logprobs" })
            {
                var reply = await simulator.ChatAsync("v1/chat/completions", Ask(model.Name, (parameter, 1)));
                Assert.Equal((model.Name, 400, "unsupported_parameter", parameter), (model.Name, reply.Status, reply.ErrorCode, reply.ErrorParam));
            }
        }
    }

    [Theory]
    [InlineData("gpt-5", null, false)]
    [InlineData("gpt-5.1", null, true)]
    [InlineData("gpt-5.1", "low", false)]
    [InlineData("gpt-5.4", "none", true)]
    [InlineData("gpt-5.4", "low", false)]
    [InlineData("gpt-5.6-luna", null, false)]
    [InlineData("gpt-5.6-luna", "none", true)]
    [InlineData("gpt-6-luna", "none", true)]
    [InlineData("gpt-6-astra", "low", false)]
    [InlineData("gpt-6.1-sol", null, false)]
    public async Task Temperature_and_top_p_are_taken_only_where_the_model_does_not_reason(string model, string? effort, bool taken)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        foreach (var (parameter, code) in new[] { ("temperature", "unsupported_value"), ("top_p", "unsupported_parameter") })
        {
            var body = Ask(model, (parameter, 0.5));
            if (effort is not null) body["reasoning_effort"] = effort;
            var reply = await simulator.ChatAsync("v1/chat/completions", body);
            Assert.Equal(taken ? 200 : 400, reply.Status);
            if (!taken) Assert.Equal((code, parameter), (reply.ErrorCode, reply.ErrorParam));
        }
    }

    [Theory]
    [InlineData("gpt-5.6-terra", 400)]
    [InlineData("gpt-6-luna", 400)]
    [InlineData("gpt-5.4", 200)]
    public async Task Stop_is_refused_from_gpt_5_6_on(string model, int status)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        Assert.Equal(status, (await simulator.ChatAsync("v1/chat/completions", Ask(model, ("stop", "END")))).Status);
    }

    [Theory]
    [InlineData("gpt-5.6-luna", null, 64)]
    [InlineData("gpt-5.6-luna", "none", 0)]
    [InlineData("gpt-5.1", null, 0)]
    [InlineData("gpt-4o", null, 0)]
    public async Task Reasoning_is_paid_unless_the_effort_is_none(string model, string? effort, int tokens)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var body = Ask(model);
        if (effort is not null) body["reasoning_effort"] = effort;
        var reply = await simulator.ChatAsync("v1/chat/completions", body);
        Assert.Equal(tokens, (int)reply.Json["usage"]!["completion_tokens_details"]!["reasoning_tokens"]!);
        Assert.Equal(tokens, Assert.Single(simulator.Bill.Lines).Usage.ReasoningTokens);
    }

    [Theory]
    [InlineData("gpt-4o", 16_384)]
    [InlineData("gpt-4.1", 32_768)]
    [InlineData("gpt-5.4-mini", 128_000)]
    [InlineData("gpt-6-luna", 128_000)]
    public async Task A_limit_past_the_longest_answer_is_refused(string model, int longest)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        Assert.Equal(200, (await simulator.ChatAsync("v1/chat/completions", Ask(model, ("max_completion_tokens", longest)))).Status);
        var reply = await simulator.ChatAsync("v1/chat/completions", Ask(model, ("max_completion_tokens", longest + 1)));
        Assert.Equal((400, "max_completion_tokens"), (reply.Status, reply.ErrorParam));
    }

    [Theory]
    [InlineData("gpt-5.4-mini", 272_000, 272_000)]
    [InlineData("gpt-5.6-luna", 922_000, 922_000)]
    [InlineData("gpt-4.1-mini", 1_047_576, 1_047_576)]
    public async Task A_prompt_past_the_longest_input_is_refused(string model, int longest, int named)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        // A message is framed by 4 tokens and the answer by 3.
        Task<Reply> SendAsync(int tokens) => simulator.ChatAsync("v1/chat/completions", Ask(model, new string('a', (tokens - 7) * 4)));
        Assert.Equal(200, (await SendAsync(longest)).Status);
        var reply = await SendAsync(longest + 1);
        Assert.Equal((400, "context_length_exceeded"), (reply.Status, reply.ErrorCode));
        Assert.Contains($"maximum context length is {named} tokens", reply.ErrorMessage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpt-5.6-luna")]
    [InlineData("gpt-5.4")]
    [InlineData("gpt-4.1-mini")]
    public async Task Chat_completions_know_no_original_detail(string model)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var body = RawCalls.Shows(RawCalls.DataUrl(Png.Grey(64, 64)), detail: "original");
        body["model"] = model;
        var reply = await simulator.ChatAsync("v1/chat/completions", body);
        Assert.Equal((400, "invalid_value", "messages.[0].content.[1].image_url.detail"), (reply.Status, reply.ErrorCode, reply.ErrorParam));
    }

    [Theory]
    [InlineData("gpt-5.6-luna", null, 5130)]
    [InlineData("gpt-5.6-luna", "high", 2942)]
    [InlineData("gpt-5.6-luna", "low", 231)]
    [InlineData("gpt-5.4-mini", null, 2942)]
    [InlineData("gpt-4.1-mini", "low", 4977)]
    public async Task An_image_is_billed_by_the_rule_of_its_model_and_its_detail(string model, string? detail, int tokens)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var body = RawCalls.Shows(RawCalls.DataUrl(Png.Grey(1800, 2400)), detail: detail);
        body["model"] = model;
        await simulator.ChatAsync("v1/chat/completions", body);
        Assert.Equal(tokens, Assert.Single(simulator.Bill.Lines).Usage.ImageTokens);
    }

    [Fact]
    public async Task An_image_of_too_many_patches_is_refused_unless_it_is_shrunk()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var url = RawCalls.DataUrl(Png.Grey(6401, 4800));
        async Task<Reply> ShowAsync(string? detail)
        {
            var body = RawCalls.Shows(url, detail: detail);
            body["model"] = "gpt-5.6-luna";
            return await simulator.ChatAsync("v1/chat/completions", body);
        }

        var refused = await ShowAsync(null);
        Assert.Equal((400, "image_too_large"), (refused.Status, refused.ErrorCode));
        Assert.Empty(simulator.Bill.Lines);
        Assert.Equal(200, (await ShowAsync("high")).Status);
    }

    [Fact]
    public async Task Every_chat_model_is_deployed_by_its_name_answers_a_schema_and_sees()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        foreach (var model in ModelFamilies.All.Where(family => family.Kind == CallKind.Chat))
        {
            var body = RawCalls.Shows(RawCalls.DataUrl(Png.Grey(64, 64)), detail: "low")
                .WithSchema("""{"type":"object","properties":{"title":{"type":"string"}},"required":["title"],"additionalProperties":false}""");
            if (model.Images is null) body = Ask(model.Name);
            body["model"] = model.Name;
            var reply = await simulator.ChatAsync("v1/chat/completions", body);
            Assert.Equal((model.Name, 200, model.Snapshot), (model.Name, reply.Status, (string?)reply.Json["model"]));
        }
    }

    private static JsonObject Ask(string model, params (string Name, JsonNode Value)[] parameters) => Ask(model, "hi", parameters);

    private static JsonObject Ask(string model, string text, params (string Name, JsonNode Value)[] parameters)
    {
        var body = RawCalls.Says(text);
        body["model"] = model;
        foreach (var (name, value) in parameters) body[name] = value;
        return body;
    }
}
