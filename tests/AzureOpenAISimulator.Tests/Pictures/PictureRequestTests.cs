using System.Text;
using System.Text.Json.Nodes;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Media;
using AzureOpenAISimulator.Tests.Wire;
using AzureOpenAISimulator.Wire;
using Microsoft.Extensions.Time.Testing;

namespace AzureOpenAISimulator.Tests.Pictures;

/// <summary>Pictures that are made: real files of the size that was asked for, what is refused, and what is billed.</summary>
public sealed class PictureRequestTests
{
    private const string OpenAI = "v1/images/generations";
    private const string Azure = "openai/v1/images/generations";

    [Theory]
    [InlineData("png", "1024x1024")]
    [InlineData("png", "1536x1024")]
    [InlineData("jpeg", "1024x1536")]
    [InlineData("jpeg", "3840x2160")]
    public async Task A_picture_is_a_real_file_of_its_format_and_size_and_the_same_each_time(string format, string size)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var body = Ask(("output_format", format), ("size", size));
        var reply = await simulator.ChatAsync(OpenAI, body);
        var picture = Picture(reply);

        foreach (var (name, value) in new[] { ("output_format", format), ("size", size), ("background", "opaque"), ("quality", "medium") })
        {
            Assert.Equal((name, value), (name, (string?)reply.Json[name]));
        }
        var header = ImageHeader.Read(picture, out _)!;
        Assert.Equal((format, size), (header.Format, $"{header.Width}x{header.Height}"));
        Assert.InRange(picture.Length, 100, 500_000);
        Assert.Equal(picture, Picture(await simulator.ChatAsync(OpenAI, body)));
        body["prompt"] = "Another harbour";
        Assert.NotEqual(picture, Picture(await simulator.ChatAsync(OpenAI, body)));
    }

    [Theory]
    [InlineData("png")]
    [InlineData("jpeg")]
    public async Task A_decoder_sees_the_same_eight_bars_in_both_formats(string format)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        using var folder = new TemporaryFolder();
        var reply = await simulator.ChatAsync(OpenAI, Ask(("output_format", format), ("size", "1024x1024")));
        await File.WriteAllBytesAsync(folder[$"picture.{format}"], Picture(reply));

        await Tool.FfmpegAsync("-xerror", "-i", folder[$"picture.{format}"], "-pix_fmt", "rgb24", "-f", "rawvideo", folder["pixels"]);

        var pixels = await File.ReadAllBytesAsync(folder["pixels"]);
        Assert.Equal(1024 * 1024 * 3, pixels.Length);
        var expected = System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes("A harbour|1024x1024|medium|0"));
        for (var bar = 0; bar < 8; bar++)
        {
            foreach (var line in new[] { 0, 1023 })
            {
                var at = (line * 1024 + bar * 128 + 64) * 3;
                for (var channel = 0; channel < 3; channel++)
                {
                    Assert.InRange(pixels[at + channel], expected[bar * 3 + channel] - 4, expected[bar * 3 + channel] + 4);
                }
            }
        }
    }

    [Theory]
    [InlineData("low", 196, "0.00588")]
    [InlineData("medium", 1225, "0.03675")]
    [InlineData("high", 7000, "0.21")]
    public async Task A_square_costs_by_its_quality(string quality, int tokens, string usd)
    {
        await using var simulator = await StartTodayAsync();
        var reply = await simulator.ChatAsync(OpenAI, Ask(("quality", quality), ("size", "1024x1024")));

        var usage = new JsonObject
        {
            ["total_tokens"] = 3 + tokens,
            ["input_tokens"] = 3,
            ["output_tokens"] = tokens,
            ["input_tokens_details"] = new JsonObject { ["text_tokens"] = 3, ["image_tokens"] = 0 },
            ["output_tokens_details"] = new JsonObject { ["text_tokens"] = 0, ["image_tokens"] = tokens },
        };
        Assert.True(JsonNode.DeepEquals(usage, reply.Json["usage"]), reply.Json["usage"]!.ToJsonString());
        var line = Assert.Single(simulator.Bill.Lines);
        Assert.Equal((CallKind.ImageGeneration, 3), (line.Kind, line.Usage.InputTokens));
        Assert.Equal((tokens, tokens), (line.Usage.OutputTokens, line.Usage.ImageOutputTokens));
        Assert.Equal(decimal.Parse(usd, System.Globalization.CultureInfo.InvariantCulture) + 3 * 5.00m / 1_000_000, line.Usd);
        Assert.Equal(Sha256.Of("A harbour"u8.ToArray()), line.ContentHash);
    }

    [Fact]
    public async Task Pixels_and_pictures_are_paid_for_in_proportion()
    {
        await using var simulator = await StartTodayAsync();
        await simulator.ChatAsync(OpenAI, Ask(("quality", "low"), ("size", "1024x1024")));
        await simulator.ChatAsync(OpenAI, Ask(("quality", "low"), ("size", "2048x2048")));
        var three = await simulator.ChatAsync(OpenAI, Ask(("quality", "low"), ("size", "1024x1024"), ("n", 3)));

        Assert.Equal([196, 4 * 196, 3 * 196], simulator.Bill.Lines.Select(line => line.Usage.OutputTokens));
        var pictures = three.Json["data"]!.AsArray().Select(picture => (string)picture!["b64_json"]!).ToList();
        Assert.Equal(3, pictures.Distinct().Count());
    }

    [Theory]
    [InlineData("1024x1024", true)]
    [InlineData("auto", true)]
    [InlineData("3840x2160", true)]
    [InlineData("1472x496", true)]
    [InlineData("1023x1024", false)]
    [InlineData("1024x1032", false)]
    [InlineData("3856x2144", false)]
    [InlineData("2048x640", false)]
    [InlineData("784x816", false)]
    [InlineData("3840x2176", false)]
    [InlineData("0x0", false)]
    [InlineData("large", false)]
    public async Task A_size_has_its_rules(string size, bool made)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await simulator.ChatAsync(OpenAI, Ask(("size", size), ("quality", "low")));
        Assert.Equal((size, made ? 200 : 400), (size, reply.Status));
        if (!made) Assert.Equal(("invalid_value", "size"), (reply.ErrorCode, reply.ErrorParam));
    }

    [Theory]
    [InlineData(OpenAI, 32_000)]
    [InlineData(Azure, 4_000)]
    public async Task A_prompt_has_its_longest(string path, int longest)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var whole = await simulator.ChatAsync(path, Ask(("prompt", new string('a', longest))));
        var longer = await simulator.ChatAsync(path, Ask(("prompt", new string('a', longest + 1))));
        Assert.Equal((200, 400, "string_above_max_length"), (whole.Status, longer.Status, longer.ErrorCode));
    }

    [Theory]
    [InlineData("gpt-image-2", "xhigh", 400)]
    [InlineData("gpt-image-2.5-flare", "xhigh", 200)]
    [InlineData("gpt-image-2.5-sunburst", "max", 200)]
    [InlineData("gpt-image-2.5-flare", "best", 400)]
    public async Task The_newest_models_know_higher_qualities(string model, string quality, int status)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        Assert.Equal(status, (await simulator.ChatAsync(OpenAI, Ask(("model", model), ("quality", quality)))).Status);
    }

    [Theory]
    [InlineData("prompt", "null", "missing_required_parameter")]
    [InlineData("n", "0", "invalid_value")]
    [InlineData("n", "11", "invalid_value")]
    [InlineData("response_format", "\"b64_json\"", "unknown_parameter")]
    [InlineData("stream", "true", "unsupported_value")]
    [InlineData("moderation", "\"none\"", "invalid_value")]
    [InlineData("background", "\"green\"", "invalid_value")]
    [InlineData("output_format", "\"gif\"", "invalid_value")]
    [InlineData("output_compression", "101", "invalid_value")]
    [InlineData("output_compression", "50", "invalid_value")]
    public async Task What_is_not_known_is_refused_and_not_billed(string parameter, string value, string code)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var reply = await simulator.ChatAsync(OpenAI, Ask((parameter, JsonNode.Parse(value))));
        Assert.Equal((400, code, parameter), (reply.Status, reply.ErrorCode, reply.ErrorParam));
        Assert.Empty(simulator.Bill.Lines);
    }

    [Fact]
    public async Task Azure_paints_at_high_quality_unless_told_and_knows_no_webp()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var plain = await simulator.ChatAsync($"{Azure}?api-version=preview", Ask());
        var webp = await simulator.ChatAsync(Azure, Ask(("output_format", "webp")));
        Assert.Equal((200, "high"), (plain.Status, (string?)plain.Json["quality"]));
        Assert.Equal((400, "output_format"), (webp.Status, webp.ErrorParam));
        Assert.Equal("Invalid value: 'webp'. Supported values are: 'png' and 'jpeg'.", webp.ErrorMessage);
    }

    [Fact]
    public async Task A_jpeg_may_be_compressed()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        Assert.Equal(200, (await simulator.ChatAsync(OpenAI, Ask(("output_format", "jpeg"), ("output_compression", 50)))).Status);
    }

    [Fact]
    public async Task A_prompt_with_a_marked_word_is_refused_by_moderation_and_not_billed()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.PromptFiltered)) { Kind = CallKind.ImageGeneration, Contains = "[refuse]" });
        var refused = await simulator.ChatAsync(Azure, Ask(("prompt", "A harbour [refuse]")));
        var made = await simulator.ChatAsync(Azure, Ask());
        Assert.Equal((400, "moderation_blocked", "image_generation_user_error"), (refused.Status, refused.ErrorCode, (string?)refused.Error["type"]));
        Assert.Equal(200, made.Status);
        Assert.Single(simulator.Bill.Lines);
    }

    [Fact]
    public async Task Only_models_that_paint_paint()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var azure = await simulator.ChatAsync(Azure, Ask(("model", "gpt-4o")));
        var openAI = await simulator.ChatAsync(OpenAI, Ask(("model", "gpt-4o")));
        var chat = RawCalls.Says("hi");
        chat["model"] = "gpt-image-2";
        Assert.Equal((400, "OperationNotSupported", 400), (azure.Status, azure.ErrorCode, openAI.Status));
        Assert.Equal(404, (await simulator.ChatAsync("v1/chat/completions", chat)).Status);
    }

    [Fact]
    public async Task A_lost_answer_is_billed_and_not_delivered()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.AnswerLost)) { Nth = 1 });
        await Assert.ThrowsAsync<HttpRequestException>(() => simulator.ChatAsync(OpenAI, Ask()));
        await simulator.ChatAsync(OpenAI, Ask());
        var twice = Assert.Single(simulator.Bill.PaidTwice());
        Assert.Equal((CallKind.ImageGeneration, 2, 1), (twice.Kind, twice.Times, twice.Delivered));
    }

    private static Task<SimulatorServer> StartTodayAsync() =>
        SimulatorServer.StartAsync(new SimulatorOptions { Time = new FakeTimeProvider(new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero)) });

    private static JsonObject Ask(params IReadOnlyList<(string Name, JsonNode? Value)> parameters)
    {
        var body = new JsonObject { ["model"] = "gpt-image-2", ["prompt"] = "A harbour" };
        foreach (var (name, value) in parameters) body[name] = value;
        return body;
    }

    private static byte[] Picture(Reply reply) => Convert.FromBase64String((string)reply.Json["data"]![0]!["b64_json"]!);
}
