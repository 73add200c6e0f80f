using System.Text.Json.Nodes;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Tests.Wire;
using AzureOpenAISimulator.Wire;
using Microsoft.Extensions.Time.Testing;

namespace AzureOpenAISimulator.Tests.Billing;

/// <summary>What a call is worked on as, and what the bill makes of it.</summary>
public sealed class TierTests
{
    private static readonly SimulatorOptions OnTheDay = new() { Time = new FakeTimeProvider(new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero)) };

    [Theory]
    [InlineData("gpt-5.6-sol", true, true)]
    [InlineData("gpt-5.6-terra", true, false)]
    [InlineData("gpt-5.6-luna", true, false)]
    [InlineData("gpt-6-astra", true, false)]
    [InlineData("gpt-6-sol", true, false)]
    [InlineData("gpt-6-luna", true, false)]
    [InlineData("gpt-6.1-sol", true, false)]
    [InlineData("gpt-6.1-terra", true, false)]
    [InlineData("gpt-5.4-mini", false, false)]
    [InlineData("gpt-4o", false, false)]
    public async Task Flex_is_offered_for_some_models_and_refused_without_falling_back(string model, bool openAI, bool azure)
    {
        await using var simulator = await SimulatorServer.StartAsync(OnTheDay);
        foreach (var (path, offered) in new[] { ("v1/chat/completions", openAI), ("openai/v1/chat/completions", azure) })
        {
            var reply = await simulator.ChatAsync(path, Ask(model, "flex"));
            Assert.Equal((path, offered ? 200 : 400), (path, reply.Status));
            if (offered) Assert.Equal("flex", (string?)reply.Json["service_tier"]);
            else Assert.Equal(("invalid_request_error", "service_tier"), ((string?)reply.Error["type"], reply.ErrorParam));
        }
        Assert.All(simulator.Bill.Lines, line => Assert.Equal(ServiceTier.Flex, line.Tier));
        Assert.Equal((openAI ? 1 : 0) + (azure ? 1 : 0), simulator.Bill.Lines.Count);
    }

    [Fact]
    public async Task Flex_is_billed_at_half_of_what_the_same_call_costs()
    {
        await using var simulator = await SimulatorServer.StartAsync(OnTheDay);
        await simulator.ChatAsync("v1/chat/completions", Ask("gpt-5.6-luna", null));
        await simulator.ChatAsync("v1/chat/completions", Ask("gpt-5.6-luna", "flex"));

        var (standard, flex) = (simulator.Bill.Lines[0], simulator.Bill.Lines[1]);
        Assert.Equal((ServiceTier.Default, ServiceTier.Flex), (standard.Tier, flex.Tier));
        Assert.Equal(standard.Usage, flex.Usage);
        Assert.Equal((standard.Usage.InputTokens * 0.20m + standard.Usage.OutputTokens * 1.20m) / 1_000_000, standard.Usd);
        Assert.Equal(standard.Usd / 2, flex.Usd);
        Assert.Equal(standard.Usd + flex.Usd, simulator.Bill.Usd);
    }

    [Theory]
    [InlineData("v1/chat/completions", null, "default")]
    [InlineData("v1/chat/completions", "auto", "default")]
    [InlineData("openai/v1/chat/completions", null, null)]
    [InlineData("openai/v1/chat/completions", "default", "default")]
    public async Task The_answer_names_the_tier_that_was_used(string path, string? asked, string? answered)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        Assert.Equal(answered, (string?)(await simulator.ChatAsync(path, Ask("gpt-5.6-sol", asked))).Json["service_tier"]);
    }

    [Theory]
    [InlineData("v1/chat/completions", ServiceTier.Flex, "flex", "0.5")]
    [InlineData("v1/chat/completions", ServiceTier.Priority, "priority", "2")]
    [InlineData("openai/v1/chat/completions", ServiceTier.Priority, "priority", "2")]
    public async Task A_call_can_be_worked_on_at_a_tier_that_nobody_asked_for(string path, ServiceTier tier, string named, string share)
    {
        await using var simulator = await SimulatorServer.StartAsync(OnTheDay);
        simulator.Play(new ScriptRule(new Fault(FaultKind.OtherTier) { Tier = tier }) { Nth = 2 });
        await simulator.ChatAsync(path, Ask("gpt-5.6-luna", null));
        var reply = await simulator.ChatAsync(path, Ask("gpt-5.6-luna", null));

        Assert.Equal((200, named), (reply.Status, (string?)reply.Json["service_tier"]));
        var (usual, other) = (simulator.Bill.Lines[0], simulator.Bill.Lines[1]);
        Assert.Equal((ServiceTier.Default, tier), (usual.Tier, other.Tier));
        Assert.Equal(usual.Usage, other.Usage);
        Assert.Equal(usual.Usd * decimal.Parse(share, System.Globalization.CultureInfo.InvariantCulture), other.Usd);
    }

    [Theory]
    [InlineData("priority", "unsupported_value")]
    [InlineData("slow", "invalid_value")]
    public async Task Tiers_that_are_not_simulated_or_do_not_exist_are_refused(string tier, string code)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await simulator.ChatAsync("v1/chat/completions", Ask("gpt-5.6-sol", tier));
        Assert.Equal((400, code, "service_tier"), (reply.Status, reply.ErrorCode, reply.ErrorParam));
    }

    [Fact]
    public async Task Lack_of_capacity_at_flex_leaves_standard_calls_alone_and_is_not_billed()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.ResourceUnavailable) { RetryAfterSeconds = 2 }) { Tier = ServiceTier.Flex, First = 2 });

        var flex = new List<Reply>();
        for (var call = 0; call < 3; call++) flex.Add(await simulator.ChatAsync("v1/chat/completions", Ask("gpt-6-luna", "flex")));
        var standard = await simulator.ChatAsync("v1/chat/completions", Ask("gpt-6-luna", null));

        Assert.Equal([429, 429, 200], flex.Select(reply => reply.Status));
        Assert.Equal(("resource_unavailable", "Resource Unavailable"), (flex[0].ErrorCode, flex[0].ErrorMessage));
        Assert.Equal(200, standard.Status);
        Assert.Equal([ServiceTier.Flex, ServiceTier.Default], simulator.Bill.Lines.Select(line => line.Tier));
    }

    [Fact]
    public async Task A_share_of_flex_calls_finds_no_capacity_and_the_same_ones_each_time()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        async Task<List<int>> AskAsync()
        {
            var rule = new ScriptRule(new Fault(FaultKind.ResourceUnavailable)) { Tier = ServiceTier.Flex, Probability = 0.3 };
            simulator.Script = new Script([rule], Seed: 7);
            var statuses = new List<int>();
            for (var call = 0; call < 200; call++)
            {
                statuses.Add((await simulator.ChatAsync("v1/chat/completions", Ask("gpt-6-luna", "flex", $"{call}"))).Status);
            }
            return statuses;
        }

        var first = await AskAsync();
        Assert.InRange(first.Count(status => status == 429), 40, 80);
        Assert.Equal(first, await AskAsync());
    }

    [Fact]
    public async Task A_call_that_takes_too_long_is_not_billed()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.ServerError) { Status = 408 }) { Tier = ServiceTier.Flex });
        var reply = await simulator.ChatAsync("openai/v1/chat/completions", Ask("gpt-5.6-sol", "flex"));
        Assert.Equal((408, "RequestTimeout"), (reply.Status, reply.ErrorCode));
        Assert.Empty(simulator.Bill.Lines);
    }

    [Fact]
    public async Task A_model_without_a_published_price_is_metered_and_not_billed_as_free()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        await simulator.ChatAsync("v1/chat/completions", Ask("o3-mini", null));
        var line = Assert.Single(simulator.Bill.Lines);
        Assert.Null(line.Usd);
        Assert.True(line.Usage.InputTokens > 0);
    }

    private static JsonObject Ask(string model, string? tier, string text = "hi")
    {
        var body = RawCalls.Says(text);
        body["model"] = model;
        if (tier is not null) body["service_tier"] = tier;
        return body;
    }
}
