using AzureOpenAISimulator;
using AzureOpenAISimulator.Recording;
using Microsoft.Extensions.Logging.Abstractions;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Chat;
using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Ai.Transport;

namespace MultiModal.Pipeline.Tests.Ai;

/// <summary>How long an answer may be, what becomes of one that is cut, and what requests say of the provider's cache.</summary>
public class AnswerRoomTests
{
    [Theory]
    [InlineData("gpt-4.1-mini", 96, 64, 4_096)]
    [InlineData("gpt-4.1-mini", 1800, 2400, 17_899)]
    [InlineData("gpt-4.1-mini", 4000, 3000, 32_768)]
    [InlineData("gpt-4o", 1800, 2400, 16_384)]
    [InlineData("gpt-5.6-luna", 1024, 1024, 16_384)]
    [InlineData("gpt-5.6-luna", 1800, 2400, 17_899)]
    [InlineData("gpt-6-astra", 1800, 2400, 26_091)]
    public async Task The_room_for_an_answer_follows_the_page_and_ends_with_the_model(string model, int width, int height, int room)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        using var engines = Engines.Azure(simulator, model);
        await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(width, height), CancellationToken.None);
        Assert.Equal(room, Room(Assert.Single(simulator.Requests)));
    }

    [Theory]
    [InlineData("auto", "high")]
    [InlineData("high", "high")]
    [InlineData("low", "low")]
    public async Task Detail_is_never_left_to_the_model(string detail, string sent)
    {
        // From gpt-5.5 on, auto is the original size.
        await using var simulator = await SimulatorServer.StartAsync();
        using var engines = Engines.Azure(simulator, "gpt-5.6-luna");
        await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image() with { Detail = detail }, CancellationToken.None);
        var image = Assert.Single(simulator.Requests).Body!["messages"]![1]!["content"]![0]!["image_url"]!;
        Assert.Equal(sent, (string?)image["detail"]);
    }

    [Fact]
    public async Task A_dense_page_is_read_whole_with_one_call()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Settings = simulator.Settings with { AnswerTokens = 9_000 };
        using var engines = Engines.Azure(simulator, "gpt-4.1-mini");
        var answer = await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(1800, 2400), CancellationToken.None);
        Assert.False(answer.Outcome.Value.Cut);
        Assert.InRange(Assert.Single(simulator.Bill.Lines).Usage.OutputTokens, 9_000, 9_500);
    }

    [Theory]
    [InlineData("gpt-4.1-mini")]
    [InlineData("gpt-5.6-luna")]
    [InlineData("gpt-4o")]
    public async Task An_answer_that_is_cut_is_kept_as_far_as_it_goes_and_not_asked_for_again(string model)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Settings = simulator.Settings with { AnswerTokens = 40_000 };
        using var engines = Engines.Azure(simulator, model);
        var answer = await engines.Set.Vision!.AnalyzeAsync(SampleMedia.Image(1800, 2400), CancellationToken.None);
        Assert.True(answer.Outcome.Value.Cut);
        Assert.NotEmpty(answer.Outcome.Value.Description!);
        Assert.Equal(answer.Usage.OutputTokens, Assert.Single(simulator.Bill.Lines).Usage.OutputTokens);
        Assert.Null(Assert.Single(answer.Attempts).Code);
    }

    [Fact]
    public async Task A_synthesis_that_is_cut_is_kept_as_far_as_it_goes()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Settings = simulator.Settings with { AnswerTokens = 40_000 };
        using var engines = Engines.Azure(simulator, "gpt-4.1-mini");
        var answer = await engines.Set.Text!.SynthesizeAsync(new([new("a.txt", "text", "Tea at five.")]), CancellationToken.None);
        Assert.True(answer.Outcome.Value.Cut);
        Assert.Single(simulator.Requests);
    }

    [Fact]
    public async Task An_answer_of_which_nothing_can_be_kept_is_asked_for_once_more_with_all_the_room_there_is()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var answer = await Chat(simulator, family => family with { OutputTokens = 1, MaxOutputTokens = 2_000 }).AskAsync(
            Minutes(), CancellationToken.None);
        Assert.Null(answer.Outcome.Failure);
        Assert.Equal([1, 2_000], simulator.Requests.Select(Room));
        Assert.Equal([FailureCodes.AnswerCut, null], answer.Attempts.Select(a => a.Code));
    }

    [Fact]
    public async Task An_answer_of_which_nothing_can_be_kept_fails_where_there_is_no_more_room()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var chat = Chat(simulator, family => family with { OutputTokens = 1, MaxOutputTokens = 1 });
        var answer = await chat.AskAsync(Minutes(), CancellationToken.None);
        Assert.Equal((FailureCodes.AnswerCut, false), (answer.Outcome.Failure!.Code, answer.Outcome.Failure.Retryable));
        Assert.Single(simulator.Requests);
    }

    [Theory]
    [InlineData(100, false)]
    [InlineData(4000, true)]
    public async Task A_long_fixed_part_is_named_by_a_key_that_is_its_own(int wishes, bool named)
    {
        await using var simulator = await SimulatorServer.StartAsync();
        using var engines = Engines.Azure(simulator, "gpt-4.1-mini");
        foreach (var (letter, text) in new[] { ('a', "Tea at five."), ('a', "Coffee at six."), ('b', "Tea at five.") })
        {
            await engines.Set.Text!.SynthesizeAsync(new([new("a.txt", "text", text)], new string(letter, wishes)), CancellationToken.None);
        }

        var keys = simulator.Requests.Select(r => (string?)r.Body!["prompt_cache_key"]).ToList();
        if (!named)
        {
            Assert.All(keys, Assert.Null);
            return;
        }

        Assert.NotNull(keys[0]);
        Assert.Equal(keys[0], keys[1]);
        Assert.NotEqual(keys[0], keys[2]);
        Assert.All(simulator.Requests, r => Assert.False(r.Body!.ContainsKey("prompt_cache_options")));
    }

    [Fact]
    public async Task An_image_is_not_written_into_a_cache_where_writing_is_charged_and_can_be_declined()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Settings = simulator.Settings with { PromptCaching = true };
        var image = SampleMedia.Image(1800, 2400);
        await Chat(simulator, Declining).AskAsync(VisionPrompt.Compose(image, 4_096), CancellationToken.None);
        await Chat(simulator, family => family).AskAsync(VisionPrompt.Compose(image, 4_096), CancellationToken.None);
        Assert.Equal(0, simulator.Bill.Lines[0].Usage.CacheWriteTokens);
        Assert.InRange(simulator.Bill.Lines[1].Usage.CacheWriteTokens, 2_900, 4_000);
    }

    [Fact]
    public async Task Of_a_synthesis_only_the_fixed_part_is_written_and_the_next_one_reads_it()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Settings = simulator.Settings with { PromptCaching = true };
        var chat = Chat(simulator, Declining);
        await chat.AskAsync(Minutes("Tea at five.", Wishes), CancellationToken.None);
        await chat.AskAsync(Minutes(string.Join(' ', Enumerable.Repeat("Coffee at six.", 2_000)), Wishes), CancellationToken.None);
        var (first, second) = (simulator.Bill.Lines[0].Usage, simulator.Bill.Lines[1].Usage);
        Assert.InRange(first.CacheWriteTokens, 1_024, 2_000);
        Assert.Equal((first.CacheWriteTokens, 0), (second.CachedTokens, second.CacheWriteTokens));
    }

    [Fact]
    public async Task A_server_that_does_not_know_how_its_cache_is_spoken_of_hears_no_more_of_it()
    {
        // gpt-4.1-mini refuses the options, as models before gpt-5.6 do.
        await using var simulator = await SimulatorServer.StartAsync();
        var chat = Chat(simulator, Declining, "gpt-4.1-mini");
        for (var i = 0; i < 2; i++) Assert.Null((await chat.AskAsync(Minutes(), CancellationToken.None)).Outcome.Failure);
        Assert.Equal([true, false, false], simulator.Requests.Select(r => r.Body!.ContainsKey("prompt_cache_options")));
        Assert.Equal(2, simulator.Bill.Lines.Count);
    }

    [Fact]
    public async Task A_server_of_another_kind_hears_nothing_of_caches()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        using var engines = Engines.OpenAI(simulator, "gpt-5.6-luna");
        await engines.Set.Text!.SynthesizeAsync(new([new("a.txt", "text", "Tea at five.")], Wishes), CancellationToken.None);
        Assert.DoesNotContain(Assert.Single(simulator.Requests).Body!, member => member.Key.StartsWith("prompt_cache", StringComparison.Ordinal));
    }

    private static string Wishes => string.Concat(Enumerable.Repeat("Write plainly. ", 260));

    private static ChatFamily Declining(ChatFamily family) => family with { Caching = PromptCacheTerms.PaidWrites };

    private static StructuredQuestion<SynthesisDocument> Minutes(string text = "Tea at five.", string? wishes = null) =>
        SynthesisPrompt.Compose(new([new("a.txt", "text", text)], wishes));

    private static int Room(RecordedCall call) => (int)(call.Body!["max_completion_tokens"] ?? call.Body["max_tokens"])!;

    /// <summary>A chat with OpenAI's dialect of the simulator.</summary>
    private static StructuredChat Chat(SimulatorServer simulator, Func<ChatFamily, ChatFamily> change, string model = "gpt-5.6-luna")
    {
        var family = change(ModelFamilies.BuiltIn.ChatOf(model, ModelFamilies.UnknownServiceChat) with { Caching = PromptCacheTerms.Unknown });
        var connection = ProviderConnection.ToCompatible(new Uri(simulator.Endpoint, "v1"), simulator.Key, new HttpClient(), TimeProvider.System);
        var retry = new ProviderRetry(
            model, new AiOptions(), new ProviderThrottle(8, TimeProvider.System), TimeProvider.System, new Random(1), NullLogger.Instance);
        return new StructuredChat(model, model, family, connection.Client(AzurePath.V1).GetChatClient(model), retry, TimeProvider.System);
    }
}
