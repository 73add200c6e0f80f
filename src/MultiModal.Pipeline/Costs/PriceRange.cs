namespace MultiModal.Pipeline.Costs;

/// <summary>What something may cost, in USD: output is known only when it is there. Retries come on top.</summary>
public sealed record PriceRange(decimal LeastUsd, decimal ExpectedUsd, decimal MostUsd)
{
    public static PriceRange Nothing { get; } = new(0, 0, 0);

    public static PriceRange operator +(PriceRange left, PriceRange right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return new(left.LeastUsd + right.LeastUsd, left.ExpectedUsd + right.ExpectedUsd, left.MostUsd + right.MostUsd);
    }

    public static PriceRange Add(PriceRange left, PriceRange right) => left + right;
}
