using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MultiModal.Pipeline.Ai.Models;
using MultiModal.Pipeline.Ai.Transport;
using MultiModal.Pipeline.Images;
using OpenAI.Images;

namespace MultiModal.Pipeline.Ai.Pictures;

/// <summary>A model that makes pictures, called by the protocol method, because the typed one does not know today's sizes and qualities.</summary>
/// <param name="identity">The engine.</param>
/// <param name="family">What is known of the model.</param>
/// <param name="format"><c>jpeg</c> or <c>png</c>.</param>
/// <param name="client">The server.</param>
/// <param name="retry">How attempts are made: those that may have been billed are the last ones.</param>
/// <param name="clock">The clock.</param>
internal sealed class ModelPictureEngine(
    EngineIdentity identity, PictureFamily family, string format, ImageClient client, ProviderRetry retry, TimeProvider clock) : IPictureEngine
{
    /// <summary>Version of the request and of how the answer is read, which is part of the cache's key.</summary>
    public const string Version = "picture-1";

    /// <summary>The largest picture that can be asked for has 8,294,400 pixels. An answer with more bytes than it could have is none.</summary>
    private const int MostBytes = 32 << 20;

    private const int ShortestEdge = 64;
    private const int LongestEdge = 4096;

    public EngineIdentity Identity => identity;

    public async Task<EngineAnswer<MadePicture>> MakeAsync(PictureRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Prompt.Length > PictureRequest.LongestPrompt)
        {
            return new(new Failure(FailureCodes.PromptTooLong, $"A picture is described by at most {PictureRequest.LongestPrompt} characters."));
        }

        using var activity = EngineActivity.Start("image_generation", identity);
        var run = await retry.RunAsync(token => SendAsync(request, token), cancellationToken);
        return activity.Ended(run.Answer);
    }

    public CallEstimate? Estimate(PictureRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (family.TokensOf(request.Size, request.Quality) is not { } picture) return null;
        var words = TokenEstimate.ForText(request.Prompt);
        var usual = Of(words * 3L / 4);
        return new CallEstimate(usual, usual, Of(words), Of(words));

        Usage Of(long text) => new(text, OutputTokens: picture, ImageOutputTokens: picture);
    }

    private async Task<ProviderReply<MadePicture>> SendAsync(PictureRequest request, CancellationToken cancellationToken)
    {
        // Everything that costs is said, and nothing of it comes from a prompt: what a model chooses by itself, nobody can foresee.
        var body = new JsonObject
        {
            ["model"] = identity.Model,
            ["prompt"] = request.Prompt,
            ["n"] = 1,
            ["size"] = request.Size.ToString(),
            ["quality"] = request.Quality,
            ["output_format"] = format,
        };
        using var content = BinaryContent.Create(BinaryData.FromString(body.ToJsonString()));
        var result = await client.GenerateImagesAsync(content, ProviderConnection.Options(cancellationToken));
        var response = result.GetRawResponse();
        return response.Status is >= 200 and < 300
            ? Read(response)
            : ProviderFaults.OfResponse<MadePicture>(identity.Name, response, clock.GetUtcNow());
    }

    private ProviderReply<MadePicture> Read(PipelineResponse response)
    {
        try
        {
            using var document = JsonDocument.Parse(response.Content.ToMemory());
            var root = document.RootElement;
            var usage = ProviderUsage.OfPicture(root);
            return root.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Array && data.GetArrayLength() > 0
                && data[0].ValueKind == JsonValueKind.Object && data[0].TryGetProperty("b64_json", out var encoded)
                && encoded.ValueKind == JsonValueKind.String && encoded.TryGetBytesFromBase64(out var file)
                ? new(Verified(file), usage, response.Status)
                : new(NoPicture("has no picture in it"), usage, response.Status);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return ProviderFaults.Unreadable<MadePicture>(identity.Name, response.Status);
        }
    }

    private Outcome<MadePicture> Verified(byte[] file)
    {
        if (file.Length > MostBytes || PictureFile.Read(file) is not { } form) return NoPicture("is no whole PNG or JPEG");
        return IsEdge(form.Width) && IsEdge(form.Height)
            ? new MadePicture(new BinaryData(file), form)
            : NoPicture(string.Create(CultureInfo.InvariantCulture, $"is a picture of {form.Width} x {form.Height} pixels"));

        static bool IsEdge(int pixels) => pixels is >= ShortestEdge and <= LongestEdge;
    }

    private Failure NoPicture(string what) => new(
        FailureCodes.EngineBadAnswer, $"The answer of {identity.Name} {what}. Check that the address and the model are those of image generation.");
}
