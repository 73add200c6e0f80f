using System.Text.Json.Serialization;

namespace MultiModal.Pipeline.Batches;

/// <summary>A batch's own wishes, from its <c>batch.json</c>. Null means the host's configuration decides.</summary>
public sealed record BatchOptions
{
    public static BatchOptions Default { get; } = new();

    /// <summary>
    /// ISO 639-1 code of the language that is spoken in recordings. Unless <see cref="OutputLanguage"/> is set, descriptions and the synthesis are
    /// written in it too.
    /// </summary>
    public string? Language { get; init; }

    /// <summary>ISO 639-1 codes of one to eight languages that may be spoken in recordings; never together with <see cref="Language"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Languages { get; init; }

    /// <summary>ISO 639-1 code of the language that descriptions and the synthesis are written in.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? OutputLanguage { get; init; }

    /// <summary>The languages that may be spoken in recordings; empty if nothing is known of them.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Spoken => Languages ?? (Language is null ? [] : [Language]);

    /// <summary>The language that descriptions and the synthesis are written in; null to leave it to the model.</summary>
    [JsonIgnore]
    public string? WrittenIn => OutputLanguage ?? Language;

    /// <summary>What the synthesis shall be ("minutes of a meeting"); at most 4,000 characters.</summary>
    public string? Instructions { get; init; }

    /// <summary>Names and terms likely to be heard; at most 1,000 characters.</summary>
    public string? Vocabulary { get; init; }

    /// <summary>Whether the transcripts of recordings say who speaks. The host's speech model has to be able to tell speakers apart.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Speakers { get; init; }

    /// <summary>Long edge of the images that are sent, 64 to 8192 pixels.</summary>
    public int? MaxEdge { get; init; }

    /// <summary><c>auto</c>, <c>low</c> or <c>high</c>.</summary>
    public string? Detail { get; init; }

    /// <summary>Target length of the pieces of recordings, 30 to 3600 seconds.</summary>
    public int? ChunkSeconds { get; init; }

    /// <summary>The picture that is made for the report; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IllustrationOptions? Illustration { get; init; }

    /// <summary><c>flex</c> for the tier that costs half and takes longer, where the host allows it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Patience { get; init; }

    /// <summary>Whether the batch has the patience for flex.</summary>
    [JsonIgnore]
    public bool IsPatient => Patience is not null;

    public StartMode Start { get; init; } = StartMode.Auto;

    /// <summary>Where to post when a run ends: HTTPS, or HTTP on loopback.</summary>
    public string? Webhook { get; init; }
}

/// <summary>What a batch wishes the picture of its report to be. Null means that the host's configuration decides.</summary>
/// <param name="Prompt">Subject and style; at most 1,000 characters.</param>
/// <param name="Size">Size in pixels, such as <c>1536x1024</c> (<see cref="Images.PictureSize"/>).</param>
/// <param name="Quality"><c>low</c>, <c>medium</c>, <c>high</c>, <c>xhigh</c> or <c>max</c>.</param>
public sealed record IllustrationOptions(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Prompt = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Size = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Quality = null);

/// <summary>What starts a batch.</summary>
public enum StartMode
{
    /// <summary>A quiet period after the last drop.</summary>
    Auto,

    /// <summary>Only a start over HTTP or the command line.</summary>
    Manual,
}
