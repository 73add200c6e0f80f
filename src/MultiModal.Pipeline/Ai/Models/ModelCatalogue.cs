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

    private static ModelCatalogue Read()
    {
        using var resource = typeof(ModelCatalogue).Assembly.GetManifestResourceStream(Resource)!;
        return JsonSerializer.Deserialize<ModelCatalogue>(resource, Json)!;
    }
}
