using System.Text.Json;
using System.Text.Json.Serialization;

namespace MultiModal.Pipeline.Ai.Models;

/// <summary>
/// All that is known about models: what they take, what they cost, and when they end. Requests, prices, image tokens and warnings derive from it. One
/// is built in (<c>models.json</c>), and a file of the host's extends or replaces it (<c>Models:Catalogue</c>).
/// </summary>
/// <param name="ReadOn">The day on which the catalogue was last brought up to date.</param>
/// <param name="Sources">By key.</param>
/// <param name="Models">In any order.</param>
/// <param name="Defaults">What is asked where the host names no model; null in a file that leaves it to the built-in catalogue.</param>
public sealed record ModelCatalogue(
    DateOnly ReadOn, IReadOnlyDictionary<string, CatalogueSource> Sources, IReadOnlyList<CatalogueModel> Models, CatalogueDefaults? Defaults = null)
{
    private const string Resource = "MultiModal.Pipeline.Ai.Models.models.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>The one in this assembly.</summary>
    public static ModelCatalogue BuiltIn { get; } = ReadBuiltIn();

    /// <summary>The model with the longest name that this one begins with, in any letter case.</summary>
    /// <param name="model">Name of a model, with its origin (<c>openai/whisper-large-v3</c>) or without.</param>
    /// <param name="capability">What it is asked for.</param>
    /// <returns>Null where no name of the catalogue begins it.</returns>
    public CatalogueModel? Find(string model, ModelCapability capability)
    {
        ArgumentNullException.ThrowIfNull(model);

        // Servers of open models name them with their origin: Systran/faster-whisper-small, openai/whisper-large-v3.
        var name = model[(model.LastIndexOf('/') + 1)..];
        if (name.StartsWith("faster-", StringComparison.OrdinalIgnoreCase)) name = name["faster-".Length..];
        return Models.Where(m => m.Capability == capability && name.StartsWith(m.Name, StringComparison.OrdinalIgnoreCase)).MaxBy(m => m.Name.Length);
    }

    /// <summary>When a model ends at a provider.</summary>
    /// <param name="model">Name of a model, as <see cref="Find"/> takes it.</param>
    /// <param name="capability">What it is asked for.</param>
    /// <param name="provider"><see cref="EngineKind.AzureOpenAI"/> or <see cref="EngineKind.OpenAI"/>.</param>
    /// <returns>Null where the catalogue does not know the model at that provider.</returns>
    public ModelEnd? EndOf(string model, ModelCapability capability, EngineKind provider)
    {
        if (Find(model, capability) is not { } row) return null;
        if (provider == EngineKind.OpenAI) return row.OpenAI is { } terms ? new(terms.Retired, terms.Successor, null, row.ReadOn) : null;

        // A deployment does not say its version. It has the last one, unless somebody chose another.
        return row.Azure is { Versions: [.., var last] } azure ? new(last.Retired, azure.Successor, last.Version, row.ReadOn) : null;
    }

    /// <summary>What a source of a row is: one of the list, or the words themselves.</summary>
    public CatalogueSource SourceOf(CatalogueModel row, string source)
    {
        ArgumentNullException.ThrowIfNull(row);
        return Sources.GetValueOrDefault(source) ?? new CatalogueSource(source, row.ReadOn);
    }

    /// <summary>This catalogue, with the rows of another in place of those that have the same name and capability, and beside the others.</summary>
    public ModelCatalogue With(ModelCatalogue other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return this with
        {
            Sources = Sources.Concat(other.Sources).DistinctBy(s => s.Key).ToDictionary(),
            Models = [.. Models.Where(m => !other.Has(m)), .. other.Models],
            Defaults = other.Defaults ?? Defaults,
        };
    }

    /// <summary>Whether a row here has the same name and capability.</summary>
    internal bool Has(CatalogueModel model) =>
        Models.Any(m => m.Capability == model.Capability && m.Name.Equals(model.Name, StringComparison.OrdinalIgnoreCase));

    /// <exception cref="JsonException">A value is of the right kind, but does not exist or is too large.</exception>
    internal static ModelCatalogue Parse(JsonElement json)
    {
        var read = json.Deserialize<ModelCatalogue>(Json)!;
        return read with { Models = [.. read.Models.Select(m => m with { ReadOn = read.ReadOn })] };
    }

    private static ModelCatalogue ReadBuiltIn()
    {
        using var resource = typeof(ModelCatalogue).Assembly.GetManifestResourceStream(Resource)!;
        using var document = JsonDocument.Parse(resource);
        return Parse(document.RootElement);
    }
}

/// <summary>The end of a model at a provider.</summary>
/// <param name="Day">First day on which it does not answer; null where none is announced, or none is known.</param>
/// <param name="Successor">The model to use in its place; null where none is named.</param>
/// <param name="Version">The version on Azure that this holds for; null elsewhere.</param>
/// <param name="ReadOn">The day on which the catalogue knew this; null where a server said it itself.</param>
public sealed record ModelEnd(DateOnly? Day, string? Successor, string? Version, DateOnly? ReadOn);
