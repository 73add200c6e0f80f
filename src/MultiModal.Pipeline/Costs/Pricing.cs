using MultiModal.Pipeline.Ai;

namespace MultiModal.Pipeline.Costs;

/// <summary>What usage costs.</summary>
public static class Pricing
{
    /// <returns>USD; 0 for an offline engine, null for a model without a price: metered, never counted as free.</returns>
    public static decimal? PriceOf(EngineIdentity engine, Usage usage)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return engine.IsFree || usage == Usage.None ? 0 : null;
    }
}
