using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using Azure.AI.OpenAI;
using Azure.Core;
using AzureOpenAISimulator.Content;
using AzureOpenAISimulator.Faults;
using AzureOpenAISimulator.Tests.Media;
using AzureOpenAISimulator.Wire;
using OpenAI;
using OpenAI.Audio;
using OpenAI.Chat;

namespace AzureOpenAISimulator.Tests.Clients;

/// <summary>The clients that the product uses, unchanged but for their own retries.</summary>
public sealed class AzureClientTests
{
    private static readonly BinaryData ReportSchema = BinaryData.FromString("""
        {
          "type": "object",
          "properties": {
            "description": { "type": ["string", "null"] },
            "text": { "type": "string" },
            "tags": { "type": "array", "items": { "type": "string" } },
            "mood": { "enum": ["calm", "wild"] }
          },
          "required": ["description", "text", "tags", "mood"],
          "additionalProperties": false
        }
        """);

    [Fact]
    public async Task An_image_is_described_in_the_schema_that_was_sent()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var image = Png.Grey(640, 480);
        simulator.Know(new KnownContent(Sha256.Of(image), Text: "GATE 7"));

        var completion = await Azure(simulator).GetChatClient("gpt-4o").CompleteChatAsync(
            [
                new UserChatMessage(
                    ChatMessageContentPart.CreateTextPart("Describe the image."),
                    ChatMessageContentPart.CreateImagePart(BinaryData.FromBytes(image), "image/png", ChatImageDetailLevel.High)),
            ],
            new ChatCompletionOptions {
                ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat("image_report", ReportSchema, jsonSchemaIsStrict: true) });

        using var report = JsonDocument.Parse(completion.Value.Content[0].Text);
        Assert.Equal($"An image of 640x480, sha256 {Sha256.Of(image)}", report.RootElement.GetProperty("description").GetString());
        Assert.Equal("GATE 7", report.RootElement.GetProperty("text").GetString());
        Assert.Equal("calm", report.RootElement.GetProperty("mood").GetString());
        Assert.Contains("png", report.RootElement.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()));
        var line = Assert.Single(simulator.Bill.Lines);
        // 640 × 480 is never enlarged: 2 × 1 tiles.
        Assert.Equal(85 + 2 * 170, line.Usage.ImageTokens);
        Assert.Equal(line.Usage.InputTokens, completion.Value.Usage.InputTokenCount);
        Assert.True(line.Delivered);
        Assert.Equal("2024-10-21", Assert.Single(simulator.Requests).ApiVersion);
    }

    [Fact]
    public async Task A_recording_is_transcribed_with_segments_over_its_duration()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var recording = Wav.Tone(3.5);
        simulator.Know(new KnownContent(Sha256.Of(recording), Text: "The bus leaves at nine. Bring your passport."));

        using var stream = new MemoryStream(recording);
        var transcription = await Azure(simulator).GetAudioClient("whisper").TranscribeAudioAsync(
            stream, "speech.wav", new AudioTranscriptionOptions { ResponseFormat = AudioTranscriptionFormat.Verbose });

        Assert.Equal("The bus leaves at nine. Bring your passport.", transcription.Value.Text);
        Assert.Equal(3.5, transcription.Value.Duration!.Value.TotalSeconds, 3);
        Assert.Equal(2, transcription.Value.Segments.Count);
        Assert.Equal(3.5, transcription.Value.Segments[1].EndTime.TotalSeconds, 3);
        Assert.Equal(4, Assert.Single(simulator.Bill.Lines).Usage.AudioSeconds);
    }

    [Fact]
    public async Task The_plain_client_reaches_newer_models_through_the_v1_path()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var client = new OpenAIClient(
            new ApiKeyCredential(simulator.Key), new OpenAIClientOptions { Endpoint = new Uri(simulator.Endpoint, "openai/v1/") });

        var completion = await client.GetChatClient("gpt-5-mini").CompleteChatAsync(
            [new UserChatMessage("Say hello.")], new ChatCompletionOptions { MaxOutputTokenCount = 1000 });
        using var recording = new MemoryStream(Wav.Tone(1.7));
        var transcription = await client.GetAudioClient("gpt-4o-mini-transcribe").TranscribeAudioAsync(
            recording, "speech.wav", new AudioTranscriptionOptions { ResponseFormat = AudioTranscriptionFormat.Simple });

        Assert.Equal("Summary of 1 inputs. Say hello.", completion.Value.Content[0].Text);
        Assert.Contains("1.7 seconds", transcription.Value.Text, StringComparison.Ordinal);
        // The recording TranscriptionUsageWorks(gpt-4o-mini-transcribe): 1.7 s are 17 audio tokens.
        Assert.Equal(17, simulator.Bill.Lines[1].Usage.AudioTokens);
        Assert.All(simulator.Requests, call => Assert.Equal(Dialect.AzureV1, call.Dialect));
    }

    [Fact]
    public async Task A_token_is_taken_in_place_of_a_key()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { BearerTokens = ["entra-token"] });
        var credential = DelegatedTokenCredential.Create((_, _) => new AccessToken("entra-token", DateTimeOffset.MaxValue));
        var client = new AzureOpenAIClient(simulator.Endpoint, credential, WithoutRetries());

        var completion = await client.GetChatClient("gpt-4o").CompleteChatAsync([new UserChatMessage("hi")]);

        Assert.Equal("Summary of 1 inputs. hi", completion.Value.Content[0].Text);
        Assert.Equal("bearer", Assert.Single(simulator.Requests).Authentication);
    }

    [Fact]
    public async Task A_wrong_key_is_refused()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        var client = new AzureOpenAIClient(simulator.Endpoint, new ApiKeyCredential("wrong"), WithoutRetries());

        var error = await Assert.ThrowsAsync<ClientResultException>(
            () => client.GetChatClient("gpt-4o").CompleteChatAsync([new UserChatMessage("hi")]));

        Assert.Equal(401, error.Status);
        Assert.Contains("invalid subscription key", error.Message, StringComparison.Ordinal);
        Assert.Empty(simulator.Bill.Lines);
    }

    [Fact]
    public async Task A_scripted_429_names_its_wait_and_the_next_call_succeeds()
    {
        await using var simulator = await SimulatorServer.StartAsync();
        simulator.Play(new ScriptRule(new Fault(FaultKind.TooManyRequests) { RetryAfterSeconds = 2, RetryAfterMs = 1500 }) { Nth = 1 });
        var chat = Azure(simulator).GetChatClient("gpt-4o-mini");

        var error = await Assert.ThrowsAsync<ClientResultException>(() => chat.CompleteChatAsync([new UserChatMessage("hi")]));
        var completion = await chat.CompleteChatAsync([new UserChatMessage("hi")]);

        Assert.Equal(429, error.Status);
        var response = error.GetRawResponse()!;
        Assert.True(response.Headers.TryGetValue("Retry-After", out var seconds));
        Assert.True(response.Headers.TryGetValue("retry-after-ms", out var milliseconds));
        Assert.Equal(("2", "1500"), (seconds, milliseconds));
        Assert.Equal(ChatFinishReason.Stop, completion.Value.FinishReason);
        Assert.Single(simulator.Bill.Lines);
        Assert.Equal([429, 200], simulator.Requests.Select(call => call.Status));
    }

    private static AzureOpenAIClient Azure(SimulatorServer simulator) =>
        new(simulator.Endpoint, new ApiKeyCredential(simulator.Key), WithoutRetries());

    private static AzureOpenAIClientOptions WithoutRetries() => new() { RetryPolicy = new ClientRetryPolicy(0) };
}
