using AzureOpenAISimulator.Models;
using AzureOpenAISimulator.Wire;

namespace AzureOpenAISimulator.Billing;

/// <summary>
/// What is published, as read on 2026-11-28: developers.openai.com/api/docs/pricing (transcriptions of 2026-04-11 for gpt-5.4, of 2026-10-03 for
/// the rest) and the models' own pages; gpt-6.1-terra as litellm and apidog have it. Azure's Global Standard meters (prices.azure.com, eastus,
/// 2026-09-27) equal them to the cent for gpt-5.6 and gpt-6; for older models Azure is taken to ask the same. Batch and flex are half, cached input
/// and cache writes included; from gpt-5.6 on a cache write is 1.25 times the input, and priority (fast) twice everything. gpt-4.1-nano, o1 and o3-mini were shut down before these lists
/// were read and have no row.
/// </summary>
public static class PriceList
{
    public static IReadOnlyList<Price> Rows { get; } =
    [
        Chat("gpt-4o", 2.50m, 1.25m, 10.00m),
        Chat("gpt-4o-mini", 0.15m, 0.075m, 0.60m),
        Chat("gpt-4.1", 2.00m, 0.50m, 8.00m),
        Chat("gpt-4.1-mini", 0.40m, 0.10m, 1.60m),
        Chat("o3", 2.00m, 0.50m, 8.00m),
        Chat("o4-mini", 1.10m, 0.275m, 4.40m),
        Chat("gpt-5", 1.25m, 0.125m, 10.00m),
        Chat("gpt-5-mini", 0.25m, 0.025m, 2.00m),
        Chat("gpt-5-nano", 0.05m, 0.005m, 0.40m),
        Chat("gpt-5.1", 1.25m, 0.125m, 10.00m),
        Chat("gpt-5.2", 1.75m, 0.175m, 14.00m),
        Chat("gpt-5.4", 2.50m, 0.25m, 15.00m) with { From = new(2026, 3, 5), DearerPastShortContext = true },
        Chat("gpt-5.4-mini", 0.75m, 0.075m, 4.50m) with { From = new(2026, 3, 17) },
        Chat("gpt-5.4-nano", 0.20m, 0.02m, 1.25m) with { From = new(2026, 3, 17) },
        Chat("gpt-5.5", 5.00m, 0.50m, 30.00m) with { From = new(2026, 4, 24), DearerPastShortContext = true },

        // A promotion: OpenAI's until at least 2026-11-21, Azure's from 2026-09-01 until at least 2026-11-30. Past the day that is promised the
        // list price is asked again, since nothing that could be read says otherwise.
        Newer("gpt-5.6-sol", 5.00m, 0.50m, 30.00m, new(2026, 7, 9)),
        Newer("gpt-5.6-sol", 4.00m, 0.40m, 20.00m, new(2026, 8, 21)) with { OnAzure = false },
        Newer("gpt-5.6-sol", 5.00m, 0.50m, 30.00m, new(2026, 11, 22)) with { OnAzure = false },
        Newer("gpt-5.6-sol", 4.00m, 0.40m, 20.00m, new(2026, 9, 1)) with { OnAzure = true },
        Newer("gpt-5.6-sol", 5.00m, 0.50m, 30.00m, new(2026, 12, 1)) with { OnAzure = true },
        Newer("gpt-5.6-terra", 2.50m, 0.25m, 15.00m, new(2026, 7, 9)),
        Newer("gpt-5.6-terra", 2.00m, 0.20m, 12.00m, new(2026, 7, 30)),
        Newer("gpt-5.6-luna", 1.00m, 0.10m, 6.00m, new(2026, 7, 9)),
        Newer("gpt-5.6-luna", 0.20m, 0.02m, 1.20m, new(2026, 7, 30)),
        Newer("gpt-6-astra", 10.00m, 1.00m, 50.00m, new(2026, 9, 3)),
        Newer("gpt-6-sol", 2.00m, 0.20m, 10.00m, new(2026, 9, 22)),
        Newer("gpt-6-luna", 0.10m, 0.01m, 0.50m, new(2026, 9, 22)),
        Newer("gpt-6.1-sol", 2.00m, 0.10m, 10.00m, new(2026, 9, 29)),
        Newer("gpt-6.1-terra", 1.00m, 0.05m, 5.00m, new(2026, 10, 26)),

        // Audio tokens as openai/openai-cookbook (a22e6cbb) and halfpower.work quote the pricing page; diarizing is not listed on its own, and
        // costs a minute what gpt-4o-transcribe does.
        new("gpt-4o-transcribe") { Input = 2.50m, Audio = 6.00m, Output = 10.00m },
        new("gpt-4o-mini-transcribe") { Input = 1.25m, Audio = 3.00m, Output = 5.00m },
        new("gpt-4o-transcribe-diarize") { Input = 2.50m, Audio = 6.00m, Output = 10.00m },
        new("whisper") { Minute = 0.006m },

        // Azure's page had no figure for it yet.
        new("gpt-transcribe") { Minute = 0.0045m, From = new(2026, 7, 28), OnAzure = false },

        Pictures("gpt-image-2", new(2026, 4, 21)),
        Pictures("gpt-image-2.5-sunburst", new(2026, 9, 8)),
        Pictures("gpt-image-2.5-flare", new(2026, 9, 8)),
    ];

    /// <returns>What a provider asks for a model on a day; null where that is not known.</returns>
    public static Price? Find(ModelFamily model, Dialect dialect, DateOnly day)
    {
        var azure = dialect != Dialect.OpenAI;
        return Rows.Where(price => price.Model == model.Name && price.From <= day && (price.OnAzure ?? azure) == azure).MaxBy(price => price.From);
    }

    private static Price Chat(string model, decimal input, decimal cached, decimal output) =>
        new(model) { Input = input, Cached = cached, Output = output, HalfForPatience = true };

    private static Price Pictures(string model, DateOnly from) =>
        new(model) { From = from, Input = 5.00m, Cached = 1.25m, ImageOutput = 30.00m, HalfForPatience = true };

    private static Price Newer(string model, decimal input, decimal cached, decimal output, DateOnly from) =>
        Chat(model, input, cached, output) with { From = from, CacheWrite = input * 1.25m, DearerPastShortContext = true, TwiceForHaste = true };
}
