using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using MultiModal.Pipeline.Ai;

namespace MultiModal.Pipeline.Costs;

/// <summary>
/// What models cost, by family and day: the book in this assembly (Costs/prices.json), its families replaced by those of the
/// operator's own book (<c>Costs:PriceBook</c>). Format and sources: docs/costs.md.
/// </summary>
public sealed partial class PriceBook
{
    private const string BuiltInName = "MultiModal.Pipeline.Costs.prices.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private readonly ILookup<string, ModelPrice> rows;

    private PriceBook(IEnumerable<ModelPrice> rows) => this.rows = rows.ToLookup(r => r.Family, StringComparer.OrdinalIgnoreCase);

    public IEnumerable<ModelPrice> Rows => rows.SelectMany(r => r);

    /// <param name="path">The operator's own book; null for the built-in one alone.</param>
    /// <exception cref="InvalidDataException">The book can't be used; the message says why.</exception>
    public static PriceBook Open(string? path)
    {
        using var resource = typeof(PriceBook).Assembly.GetManifestResourceStream(BuiltInName)!;
        var builtIn = Read(resource, "the built-in price book");
        if (string.IsNullOrWhiteSpace(path)) return new PriceBook(builtIn);
        try
        {
            using var file = File.OpenRead(path);
            var own = Read(file, $"Costs:PriceBook ({path})");
            var named = own.Select(r => r.Family).ToHashSet(StringComparer.OrdinalIgnoreCase);
            return new PriceBook([.. builtIn.Where(r => !named.Contains(r.Family)), .. own]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"Costs:PriceBook ({path}) can't be read: {e.Message}", e);
        }
    }

    /// <summary>The row of a model on a day: that of its own name, or of its name without the date of a snapshot (<c>gpt-4o-2024-08-06</c>, <c>whisper-1</c>). No looser match: a wrong price is worse than none.</summary>
    public ModelPrice? Find(string model, DateOnly day)
    {
        ArgumentNullException.ThrowIfNull(model);
        return OnDay(model) ?? OnDay(Snapshot().Replace(model, ""));

        ModelPrice? OnDay(string family) => rows[family].Where(r => r.HoldsOn(day)).MaxBy(r => r.EffectiveFrom ?? DateOnly.MinValue);
    }

    /// <returns>USD; 0 for an offline engine, null for a model without a price: metered, never counted as free.</returns>
    public decimal? PriceOf(EngineIdentity engine, Usage usage, DateTimeOffset when)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(usage);
        if (engine.IsFree || usage == Usage.None) return 0;
        return engine.PricedAs is { } model ? Find(model, DateOnly.FromDateTime(when.UtcDateTime))?.PriceOf(usage) : null;
    }

    private static List<ModelPrice> Read(Stream stream, string what)
    {
        try
        {
            var found = JsonSerializer.Deserialize<Book>(stream, Json)?.Prices ?? throw new JsonException("there are no prices in it");
            foreach (var row in found)
            {
                if (string.IsNullOrWhiteSpace(row.Family) || string.IsNullOrWhiteSpace(row.Source)) throw new JsonException("every row has a family and a source");
                if (Units(row).Any(price => price < 0)) throw new JsonException($"a price of {row.Family} is negative");
                if (row.EffectiveTo <= row.EffectiveFrom) throw new JsonException($"a row of {row.Family} ends before it begins");
            }

            if (found.GroupBy(r => (r.Family.ToUpperInvariant(), r.EffectiveFrom)).FirstOrDefault(g => g.Count() > 1) is { } twice)
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

    private static IEnumerable<decimal?> Units(ModelPrice row) => [row.InputPerMillion, row.CachedInputPerMillion, row.AudioInputPerMillion, row.OutputPerMillion, row.AudioMinute];

    [GeneratedRegex(@"-(\d{4}-\d{2}-\d{2}|\d{4}|\d)$")]
    private static partial Regex Snapshot();

    private sealed record Book(List<ModelPrice> Prices);
}
