using System.Globalization;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Audio;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Webhooks;

namespace MultiModal.Pipeline.Admission;

/// <summary>
/// What this host admits of the options that a batch asks for in its <c>batch.json</c>: whoever can drop files writes it. A wish that would
/// cost more than the host allows is brought down to what it allows, with a note. What the host's own settings ask for is always allowed.
/// </summary>
public sealed class BatchAdmission(
    WebhookRules webhooks, IOptions<ImageOptions> imageOptions, IOptions<AudioOptions> audioOptions, IOptions<AiOptions> aiOptions)
{
    /// <summary>In the order of what they cost.</summary>
    private static readonly string[] Details = [ImageDetail.Low, ImageDetail.Auto, ImageDetail.High];

    private readonly ImageOptions images = imageOptions.Value;
    private readonly AudioOptions audio = audioOptions.Value;
    private readonly AiOptions ai = aiOptions.Value;

    /// <returns>What is granted, or <c>invalid-batch-options</c> with a message that names the field.</returns>
    public Outcome<GrantedOptions> Admit(BatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Webhook is { } webhook && webhooks.FindRefusal(new Uri(webhook)) is { } refusal)
        {
            return BatchOptionsFile.Invalid($"\"webhook\" is not called by this host: {refusal}");
        }

        var notes = new List<string>();
        var granted = options with
        {
            MaxEdge = Edge(options.MaxEdge, notes),
            Detail = Detail(options.Detail, notes),
            ChunkSeconds = Seconds(options.ChunkSeconds, notes),
            Patience = Patience(options.Patience, notes),
            Instructions = Text(options.Instructions, "instructions", ai.InstructionsCeiling, nameof(AiOptions.InstructionsCeiling), notes),
            Illustration = Illustration(options.Illustration, notes),
            Vocabulary = Text(options.Vocabulary, "vocabulary", ai.VocabularyCeiling, nameof(AiOptions.VocabularyCeiling), notes),
        };
        return new GrantedOptions(granted, notes);
    }

    private int? Edge(int? asked, List<string> notes)
    {
        var most = Math.Max(images.MaxEdgeCeiling, images.MaxEdge);
        if (asked is null || asked <= most) return asked;
        notes.Add($"The batch asks for a \"maxEdge\" of {asked} pixels. This host allows {most} (Images:MaxEdgeCeiling).");
        return most;
    }

    private string? Detail(string? asked, List<string> notes)
    {
        var most = Math.Max(Array.IndexOf(Details, images.DetailCeiling), Array.IndexOf(Details, images.Detail));
        if (asked is null || Array.IndexOf(Details, asked) <= most) return asked;
        notes.Add($"The batch asks for the \"detail\" \"{asked}\". This host allows \"{Details[most]}\" (Images:DetailCeiling).");
        return Details[most];
    }

    private string? Patience(string? asked, List<string> notes)
    {
        if (asked is null || ai.AllowPatience || ai.ServiceTier == ServiceTier.Flex) return asked;
        notes.Add($"The batch asks for the \"patience\" \"{asked}\". This host does not allow it (Ai:AllowPatience).");
        return null;
    }

    private int? Seconds(int? asked, List<string> notes)
    {
        var least = Math.Min(audio.ChunkSecondsFloor, audio.ChunkSeconds);
        if (asked is null || asked >= least) return asked;
        notes.Add($"The batch asks for \"chunkSeconds\" of {asked}. This host allows no fewer than {least} (Audio:ChunkSecondsFloor).");
        return least;
    }

    private IllustrationOptions? Illustration(IllustrationOptions? asked, List<string> notes)
    {
        if (asked is null) return null;
        var host = ai.ImageGeneration;
        return new IllustrationOptions(
            Text(asked.Prompt, "illustration.prompt", host.PromptCeiling, $"{nameof(ai.ImageGeneration)}:{nameof(host.PromptCeiling)}", notes),
            Size(asked.Size, host, notes),
            Quality(asked.Quality, host, notes));
    }

    private static string? Size(string? asked, ImageGenerationOptions host, List<string> notes)
    {
        var most = Math.Max(host.MaxPixels, PictureSize.Parse(host.Size).Pixels);
        if (asked is null || PictureSize.Parse(asked).Pixels <= most) return asked;
        notes.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"The batch asks for an \"illustration.size\" of {asked}. This host allows {most:N0} pixels (Ai:ImageGeneration:MaxPixels), so that the picture has {host.Size}."));
        return host.Size;
    }

    private static string? Quality(string? asked, ImageGenerationOptions host, List<string> notes)
    {
        var most = host.QualityCeiling;
        if (Rank(host.Quality) > Rank(most)) most = host.Quality;
        if (asked is null || Rank(asked) <= Rank(most)) return asked;
        notes.Add(
            $"The batch asks for the \"illustration.quality\" \"{asked}\". This host allows \"{most}\" (Ai:ImageGeneration:QualityCeiling).");
        return most;

        static int Rank(string quality) => ImageGenerationOptions.RankOf(quality);
    }

    private static string? Text(string? asked, string field, int most, string setting, List<string> notes)
    {
        if (asked is null || asked.Length <= most) return asked;
        notes.Add($"The batch gives \"{field}\" of {asked.Length} characters. This host reads the first {most} ({AiOptions.Section}:{setting}).");

        // A character outside the basic plane is two units, which stay together.
        var end = most > 0 && char.IsHighSurrogate(asked[most - 1]) ? most - 1 : most;
        return end == 0 ? null : asked[..end];
    }
}

/// <summary>The options that a batch runs with.</summary>
/// <param name="Options">No more than this host allows.</param>
/// <param name="Notes">What was brought down, a sentence each.</param>
public sealed record GrantedOptions(BatchOptions Options, IReadOnlyList<string> Notes);
