using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Ai.Models;

namespace MultiModal.Pipeline.Costs;

/// <summary>
/// What models cost, by family, provider and day: the prices of the catalogue, its families replaced by those of the operator's own book
/// (<c>Costs:PriceBook</c>). Format and sources: docs/costs.md.
/// </summary>
public sealed partial class PriceBook
{
    /// <summary>What Azure is taken to ask, of OpenAI's price, where its own is not known: its dearest data zone asks so much more.</summary>
    private const decimal AzureMargin = 1.2m;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    private readonly ILookup<string, ModelPrice> rows;

    private PriceBook(IEnumerable<ModelPrice> rows) => this.rows = rows.ToLookup(r => r.Family, StringComparer.OrdinalIgnoreCase);

    public IEnumerable<ModelPrice> Rows => rows.SelectMany(r => r);

    /// <param name="path">Path of the operator's own book; null for the catalogue's prices alone.</param>
    /// <param name="catalogue">The catalogue of models.</param>
    /// <exception cref="InvalidDataException">The book cannot be used; the message says why.</exception>
    public static PriceBook Open(string? path, ModelCatalogue catalogue)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        var known = catalogue.Models.SelectMany(model => PricesOf(catalogue, model)).ToList();
        if (string.IsNullOrWhiteSpace(path)) return new PriceBook(known);
        try
        {
            using var file = File.OpenRead(path);
            var own = Read(file, $"Costs:PriceBook ({path})");
            var named = own.Select(r => r.Family).ToHashSet(StringComparer.OrdinalIgnoreCase);
            return new PriceBook([.. known.Where(r => !named.Contains(r.Family)), .. own]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"Costs:PriceBook ({path}) can't be read: {e.Message}", e);
        }
    }

    /// <summary>
    /// The row of a model on a day: that of its own name, or of its name without the date of a snapshot (<c>gpt-4o-2024-08-06</c>, <c>whisper-1</c>).
    /// No looser match: a wrong price is worse than none. A row of the provider's own comes before one that holds for both.
    /// </summary>
    public ModelPrice? Find(string model, EngineKind provider, DateOnly day)
    {
        ArgumentNullException.ThrowIfNull(model);
        return OnDay(model) ?? OnDay(Snapshot().Replace(model, ""));

        ModelPrice? OnDay(string family) => rows[family]
            .Where(r => r.HoldsOn(day) && (r.Provider ?? provider) == provider)
            .MaxBy(r => (r.EffectiveFrom ?? DateOnly.MinValue, r.Provider is not null));
    }

    /// <returns>Cost in USD; 0 for an offline engine, null for a model without a price: it is metered, never counted as free.</returns>
    public decimal? PriceOf(EngineIdentity engine, Usage usage, DateTimeOffset when)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(usage);
        if (engine.IsFree || usage == Usage.None) return 0;
        return RowOf(engine, when)?.PriceOf(usage);
    }

    /// <summary>Whether the price of a call is not published, and another one is taken (<see cref="ModelPrice.IsAssumedFor"/>).</summary>
    public bool IsAssumed(EngineIdentity engine, Usage usage, DateTimeOffset when)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return RowOf(engine, when)?.IsAssumedFor(usage) == true;
    }

    private ModelPrice? RowOf(EngineIdentity engine, DateTimeOffset when) =>
        engine.PricedAs is { } model && Enum.TryParse<EngineKind>(engine.Provider, out var provider)
            ? Find(model, provider, DateOnly.FromDateTime(when.UtcDateTime))
            : null;

    private static IEnumerable<ModelPrice> PricesOf(ModelCatalogue catalogue, CatalogueModel model)
    {
        var known = model.Prices.Select(price => RowOf(model, price, catalogue.SourceOf(model, price.Source))).ToList();
        return model.Azure is null || known.Any(row => row.Provider != EngineKind.OpenAI) ? known : known.Concat(known.Select(AssumedForAzure));
    }

    private static ModelPrice RowOf(CatalogueModel model, CataloguePrice price, CatalogueSource source) => new()
    {
        Family = model.Name,
        Provider = price.Provider,
        EffectiveFrom = price.From,
        InputPerMillion = price.Input,
        CachedInputPerMillion = price.Cached,
        CacheWritePerMillion = price.CacheWrite,
        AudioInputPerMillion = price.AudioInput,
        OutputPerMillion = price.Output,
        ImageOutputPerMillion = price.ImageOutput,
        AudioMinute = price.Minute,
        Batch = price.Batch,
        Flex = price.Flex,
        Priority = price.Priority,
        LongPrompt = price.LongPrompt,
        Source = source.Text,
        ReadOn = source.ReadOn,
    };

    private static ModelPrice AssumedForAzure(ModelPrice openAI) => openAI with
    {
        Provider = EngineKind.AzureOpenAI,
        InputPerMillion = openAI.InputPerMillion * AzureMargin,
        CachedInputPerMillion = openAI.CachedInputPerMillion * AzureMargin,
        CacheWritePerMillion = openAI.CacheWritePerMillion * AzureMargin,
        AudioInputPerMillion = openAI.AudioInputPerMillion * AzureMargin,
        OutputPerMillion = openAI.OutputPerMillion * AzureMargin,
        ImageOutputPerMillion = openAI.ImageOutputPerMillion * AzureMargin,
        AudioMinute = openAI.AudioMinute * AzureMargin,
        Assumed = true,
        Note = "Azure's price is not known: OpenAI's is taken, and a fifth more.",
    };

    private static List<ModelPrice> Read(Stream stream, string what)
    {
        try
        {
            var found = JsonSerializer.Deserialize<Book>(stream, Json)?.Prices ?? throw new JsonException("there are no prices in it");
            foreach (var row in found)
            {
                if (string.IsNullOrWhiteSpace(row.Family)
                    || string.IsNullOrWhiteSpace(row.Source)) throw new JsonException("every row has a family and a source");
                if (Units(row).Any(price => price < 0)) throw new JsonException($"a price of {row.Family} is negative");
                if (row.EffectiveTo <= row.EffectiveFrom) throw new JsonException($"a row of {row.Family} ends before it begins");
            }

            if (found.GroupBy(r => (r.Family.ToUpperInvariant(), r.Provider, r.EffectiveFrom)).FirstOrDefault(g => g.Count() > 1) is { } twice)
            {
                throw new JsonException(string.Create(CultureInfo.InvariantCulture, $"{twice.First().Family} has two prices from the same day"));
            }

            return found;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{char.ToUpperInvariant(what[0])}{what[1..]} can't be used: {e.Message}.", e);
        }
    }

    private static IEnumerable<decimal?> Units(ModelPrice row) =>
        [row.InputPerMillion, row.CachedInputPerMillion, row.CacheWritePerMillion, row.AudioInputPerMillion, row.OutputPerMillion, row.ImageOutputPerMillion,
            row.AudioMinute, row.Batch, row.Flex, row.Priority];

    [GeneratedRegex(@"-(\d{4}-\d{2}-\d{2}|\d{4}|\d)$")]
    private static partial Regex Snapshot();

    private sealed record Book(List<ModelPrice> Prices);
}
