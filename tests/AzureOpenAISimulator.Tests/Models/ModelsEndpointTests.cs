using System.Net.Http.Headers;
using AzureOpenAISimulator.Models;
using AzureOpenAISimulator.Settings;
using AzureOpenAISimulator.Tests.Wire;

namespace AzureOpenAISimulator.Tests.Models;

/// <summary>What models there are, and how long still.</summary>
public sealed class ModelsEndpointTests
{
    [Theory]
    [InlineData("gpt-4.1-mini", "2027-01-14")]
    [InlineData("gpt-5-mini", "2026-12-11")]
    [InlineData("o4-mini", "2026-10-23")]
    [InlineData("whisper-1", "2027-02-26")]
    [InlineData("gpt-5.1", "2027-04-01")]
    [InlineData("gpt-5.6-luna", null)]
    [InlineData("gpt-transcribe", null)]
    public async Task OpenAI_says_when_a_model_ends(string model, string? day)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var one = await GetAsync(simulator, $"v1/models/{model}");
        var all = await GetAsync(simulator, "v1/models");

        Assert.Equal((200, model, day), (one.Status, (string?)one.Json["id"], (string?)one.Json["shutdown_date"]));
        Assert.True(one.Json.AsObject().ContainsKey("shutdown_date"));
        var listed = all.Json["data"]!.AsArray().Single(entry => (string?)entry!["id"] == model)!;
        Assert.Equal(day, (string?)listed["shutdown_date"]);
    }

    [Fact]
    public async Task A_test_can_move_a_date_announce_one_and_take_one_back()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Settings = new SimulatorSettings
        {
            Shutdowns = new Dictionary<string, DateOnly?>
            {
                ["gpt-5-mini"] = new(2027, 6, 1),
                ["gpt-5.6-luna"] = new(2026, 12, 24),
                ["whisper-1"] = null,
            },
        };
        async Task<string?> DayAsync(string model) => (string?)(await GetAsync(simulator, $"v1/models/{model}")).Json["shutdown_date"];

        Assert.Equal(("2027-06-01", "2026-12-24", null), (await DayAsync("gpt-5-mini"), await DayAsync("gpt-5.6-luna"), await DayAsync("whisper-1")));
        simulator.Reset();
        Assert.Equal("2026-12-11", await DayAsync("gpt-5-mini"));
    }

    [Fact]
    public async Task Azure_says_nothing_of_dates()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await GetAsync(simulator, "openai/v1/models/gpt-5-mini");
        Assert.False(reply.Json.AsObject().ContainsKey("shutdown_date"));
    }

    [Theory]
    [InlineData("v1/models/nobody", "model_not_found")]
    [InlineData("openai/v1/models/nobody", "DeploymentNotFound")]
    public async Task A_model_that_is_not_there_is_not_found(string path, string code)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await GetAsync(simulator, path);
        Assert.Equal((404, code), (reply.Status, reply.ErrorCode));
    }

    [Fact]
    public void Names_and_snapshots_find_their_family_and_others_are_named()
    {
        Assert.Equal("gpt-6-luna", ModelFamilies.Find("gpt-6-luna-2026-09-22").Name);
        Assert.Equal(ModelFamilies.All.Count, ModelFamilies.All.Select(family => family.Name).Distinct().Count());
        Assert.Contains("gpt-6.1-terra", Assert.Throws<ArgumentException>(() => ModelFamilies.Find("gpt-6-terra")).Message, StringComparison.Ordinal);
    }

    private static async Task<Reply> GetAsync(SimulatorServer simulator, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(simulator.Endpoint, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", simulator.Key);
        using var response = await RawCalls.Http.SendAsync(request);
        return new Reply((int)response.StatusCode, response.Content.Headers.ContentType?.ToString(), await response.Content.ReadAsStringAsync());
    }
}
