using System.Text.Json;
using System.Text.Json.Serialization;

namespace MultiModal.Pipeline.Ai.Models;

/// <summary>
/// All that is known about models, in one place (<c>models.json</c>): what they take, what they cost, and when they end. Requests, prices, image
/// tokens and warnings derive from it.
/// </summary>
/// <param name="ReadOn">The day on which the catalogue was last brought up to date.</param>
/// <param name="Sources">By key.</param>
/// <param name="Models">In any order.</param>
public sealed record ModelCatalogue(DateOnly ReadOn, IReadOnlyDictionary<string, CatalogueSource> Sources, IReadOnlyList<CatalogueModel> Models)
{
    private const string Resource = "MultiModal.Pipeline.Ai.Models.models.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>The one in this assembly.</summary>
    public static ModelCatalogue BuiltIn { get; } = Read();

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
        var row = Find(model, capability);
        if (provider == EngineKind.OpenAI) return row?.OpenAI is { } terms ? new(terms.Retired, terms.Successor, null) : null;

        // A deployment does not say its version. It has the last one, unless somebody chose another.
        return row?.Azure is { Versions: [.., var last] } azure ? new(last.Retired, azure.Successor, last.Version) : null;
    }

    private static ModelCatalogue Read()
    {
        using var resource = typeof(ModelCatalogue).Assembly.GetManifestResourceStream(Resource)!;
        return JsonSerializer.Deserialize<ModelCatalogue>(resource, Json)!;
    }
}

/// <summary>The end of a model at a provider.</summary>
/// <param name="Day">First day on which it does not answer; null where none is announced, or none is known.</param>
/// <param name="Successor">The model to use in its place; null where none is named.</param>
/// <param name="Version">The version on Azure that this holds for; null elsewhere.</param>
public sealed record ModelEnd(DateOnly? Day, string? Successor, string? Version);
