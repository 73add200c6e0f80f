using AzureOpenAISimulator;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Wire;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Tests.Ai;

public sealed class PictureEngineTests
{
    private static readonly PictureRequest Request = new("A ferry in the morning.", PictureSize.Parse("1024x640"), "low");

    [Theory]
    [InlineData(true, "jpeg", "image/jpeg", "/openai/v1/images/generations")]
    [InlineData(false, "png", "image/png", "/v1/images/generations")]
    public async Task A_picture_is_asked_for_with_all_that_costs_and_its_usage_is_what_is_billed(bool azure, string format, string mediaType, string path)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        using var engines = Of(simulator, azure, format);
        var answer = await engines.Set.Pictures!.MakeAsync(Request, CancellationToken.None);

        var made = answer.Outcome.Value;
        Assert.Equal(new PictureFile(mediaType, 1024, 640), made.Form);
        Assert.Equal(made.Form, PictureFile.Read(made.File.ToMemory().Span));
        var call = Assert.Single(simulator.Requests);
        Assert.Equal(path, call.Path);
        Assert.Equal(
            $$"""{"model":"gpt-image-2","prompt":"A ferry in the morning.","n":1,"size":"1024x640","quality":"low","output_format":"{{format}}"}""",
            call.Body!.ToJsonString());
        var line = Assert.Single(simulator.Bill.Lines);
        Assert.Equal(
            new Usage(line.Usage.InputTokens, OutputTokens: line.Usage.OutputTokens, ImageOutputTokens: line.Usage.OutputTokens), answer.Usage);
        var engine = engines.Set.Pictures.Identity with { PricedAs = "gpt-image-2" };
        Assert.Equal(line.Usd, PriceBook.Open(null, ModelCatalogue.BuiltIn).PriceOf(engine, answer.Usage, DateTimeOffset.UnixEpoch));
    }

    [Theory]
    [InlineData("low", 0.03)]
    [InlineData("medium", 0.2)]
    [InlineData("high", 0.01)]
    public async Task An_estimate_is_near_what_is_billed_and_never_below_it(string quality, double within)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        using var engines = Of(simulator, azure: true, "jpeg");
        var asked = Request with { Quality = quality };
        var estimate = engines.Set.Pictures!.Estimate(asked)!;
        await engines.Set.Pictures.MakeAsync(asked, CancellationToken.None);
        var billed = Assert.Single(simulator.Bill.Lines).Usage;
        Assert.InRange(estimate.Expected.OutputTokens, billed.OutputTokens, (int)Math.Ceiling(billed.OutputTokens * (1 + within)));
        Assert.True(estimate.Expected.InputTokens >= billed.InputTokens);
        Assert.Null(engines.Set.Pictures.Estimate(Request with { Quality = "max" }));
    }

    [Theory]
    [InlineData(FaultKind.AnswerLost)]
    [InlineData(FaultKind.ResetDuringAnswer)]
    [InlineData(FaultKind.TruncatedBody)]
    [InlineData(FaultKind.WrongContentType)]
    public async Task A_picture_that_may_have_been_paid_for_is_not_asked_for_again(FaultKind fault)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(fault)));
        using var engines = Of(simulator, azure: true, "jpeg");
        var answer = await engines.Set.Pictures!.MakeAsync(Request, CancellationToken.None);
        Assert.False(answer.Outcome.Succeeded);
        Assert.True(Assert.Single(answer.Attempts).MayBeBilled);
        Assert.Single(simulator.Bill.Lines);
    }

    [Theory]
    [InlineData(FaultKind.TooManyRequests)]
    [InlineData(FaultKind.ServerError)]
    public async Task What_the_provider_did_not_work_on_is_tried_again(FaultKind fault)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(fault) { RetryAfterSeconds = 0 }) { Nth = 1 });
        using var engines = Of(simulator, azure: true, "jpeg");
        var answer = await engines.Set.Pictures!.MakeAsync(Request, CancellationToken.None);
        Assert.True(answer.Outcome.Succeeded);
        Assert.Equal(2, answer.Attempts.Count);
        Assert.Single(simulator.Bill.Lines);
    }

    [Fact]
    public async Task A_refused_prompt_has_its_code_and_costs_nothing()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.PromptFiltered)) { Kind = CallKind.ImageGeneration });
        using var engines = Of(simulator, azure: true, "jpeg");
        var answer = await engines.Set.Pictures!.MakeAsync(Request, CancellationToken.None);
        Assert.Equal(("content-filtered", Usage.None), (answer.Outcome.Failure?.Code, answer.Usage));
        Assert.False(Assert.Single(answer.Attempts).MayBeBilled);
        Assert.Empty(simulator.Bill.Lines);
    }

    [Fact]
    public async Task An_answer_without_a_picture_was_paid_for_and_is_a_failure()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.SchemaViolation)));
        using var engines = Of(simulator, azure: true, "jpeg");
        var answer = await engines.Set.Pictures!.MakeAsync(Request, CancellationToken.None);
        Assert.Equal("engine-bad-answer", answer.Outcome.Failure?.Code);
        Assert.Equal(Assert.Single(simulator.Bill.Lines).Usage.OutputTokens, answer.Usage.ImageOutputTokens);
    }

    public static TheoryData<string> Nonsense => new(
        """{"data":[{"url":"https://example.com/picture.png"}]}""",
        """{"data":[{"b64_json":"no base64!"}]}""",
        $$"""{"data":[{"b64_json":"{{Convert.ToBase64String("<html>"u8)}}"}]}""",
        $$"""{"data":[{"b64_json":"{{Convert.ToBase64String(Png.Grey(16, 16))}}"}]}""",
        $$"""{"data":[{"b64_json":"{{Convert.ToBase64String(Png.Claiming(60_000, 60_000))}}"}]}""",
        """{"data":[]}""",
        """{"data":["picture"]}""",
        "[1]",
        "null");

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task Whatever_a_server_answers_that_is_no_picture_is_a_bad_answer(string body)
    {
        await using var server = await OneAnswer.StartAsync(body);
        using var engines = Engines.With(
            TimeProvider.System, ("Ai:ImageGeneration:BaseUrl", server.Address.ToString()), ("Ai:ImageGeneration:Model", "painter"),
            ("Ai:Vision:Engine", "Off"), ("Ai:Speech:Engine", "Off"), ("Ai:Text:Engine", "Off"));
        var answer = await engines.Set.Pictures!.MakeAsync(Request, CancellationToken.None);
        Assert.Equal("engine-bad-answer", answer.Outcome.Failure?.Code);
        Assert.Single(answer.Attempts);
    }

    [Fact]
    public async Task A_server_that_does_not_say_how_much_of_its_output_is_picture_is_taken_to_have_made_nothing_else()
    {
        await using var server = await OneAnswer.StartAsync(
            $$$"""{"data":[{"b64_json":"{{{Convert.ToBase64String(Png.Grey(96, 64))}}}"}],"usage":{"input_tokens":7,"output_tokens":40}}""");
        using var engines = Engines.With(
            TimeProvider.System, ("Ai:ImageGeneration:BaseUrl", server.Address.ToString()), ("Ai:ImageGeneration:Model", "painter"),
            ("Ai:Vision:Engine", "Off"), ("Ai:Speech:Engine", "Off"), ("Ai:Text:Engine", "Off"));
        var answer = await engines.Set.Pictures!.MakeAsync(Request, CancellationToken.None);
        Assert.Equal(new Usage(7, OutputTokens: 40, ImageOutputTokens: 40), answer.Usage);
        Assert.Equal(("OpenAI/painter", "compatible/painter"), (engines.Set.Pictures.Identity.Name, engines.Set.Pictures.Identity.PricedAs));
    }

    private static Engines Of(SimulatorServer simulator, bool azure, string format) => azure
        ? Engines.Azure(simulator, more: new() { ["Ai:ImageGeneration:Deployment"] = "gpt-image-2", ["Ai:ImageGeneration:Format"] = format })
        : Engines.OpenAI(simulator, more: new() { ["Ai:ImageGeneration:Model"] = "gpt-image-2", ["Ai:ImageGeneration:Format"] = format });
}
