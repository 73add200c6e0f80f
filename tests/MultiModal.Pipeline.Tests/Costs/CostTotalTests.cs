using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Costs;

namespace MultiModal.Pipeline.Tests.Costs;

public sealed class CostTotalTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Each_line_counts_once_and_where_it_belongs()
    {
        LedgerEntry[] lines =
        [
            Line(LedgerState.Settled) with { EstimatedUsd = 1, CostUsd = 0.1m, SavedByOptimizingUsd = 0.01m, Usage = new Usage(10, 1, 2, 3, 4) },
            Line(LedgerState.Reserved) with { EstimatedUsd = 0.2m },
            Line(LedgerState.Unknown) with { EstimatedUsd = 0.4m },
            Line(LedgerState.Saved) with { SavedByCacheUsd = 0.8m },
        ];
        Assert.Equal(
            new CostTotal
            {
                Calls = 3, Saved = 1, SpentUsd = 0.1m, ReservedUsd = 0.2m, UnknownUsd = 0.4m, SavedByOptimizingUsd = 0.01m, SavedByCacheUsd = 0.8m,
                Usage = new Usage(10, 1, 2, 3, 4),
            },
            Sum(lines));
        Assert.Equal(
            new CostTotal
            {
                Calls = 6, Saved = 2, SpentUsd = 0.2m, ReservedUsd = 0.4m, UnknownUsd = 0.8m, SavedByOptimizingUsd = 0.02m, SavedByCacheUsd = 1.6m,
                Usage = new Usage(20, 2, 4, 6, 8),
            },
            Sum([.. lines, .. lines]));
    }

    [Theory]
    [InlineData(LedgerState.Settled, true, false, 1)]
    [InlineData(LedgerState.Settled, false, true, 0)]
    [InlineData(LedgerState.Reserved, false, true, 1)]
    [InlineData(LedgerState.Reserved, true, false, 0)]
    [InlineData(LedgerState.Unknown, false, false, 1)]
    [InlineData(LedgerState.Saved, false, false, 0)]
    public void A_call_without_a_price_is_counted_apart(LedgerState state, bool isEstimated, bool isCosted, int unpriced)
    {
        var total = new CostTotal().With(
            Line(
                state) with { EstimatedUsd = isEstimated
                ? 1
                : null, CostUsd = isCosted
                ? 1
                : null, SavedByOptimizingUsd = null, SavedByCacheUsd = null });
        Assert.Equal(unpriced, total.Unpriced);
        Assert.Equal((0m, 0m), (total.SavedByOptimizingUsd, total.SavedByCacheUsd));
    }

    [Fact]
    public void A_reservation_is_unknown_from_its_expiry_on_and_nothing_else_expires()
    {
        var reserved = Line(LedgerState.Reserved);
        Assert.Equal(LedgerState.Reserved, reserved.At(reserved.ExpiresAt.AddTicks(-1)).State);
        Assert.Equal(LedgerState.Unknown, reserved.At(reserved.ExpiresAt).State);
        Assert.Equal(LedgerState.Settled, Line(LedgerState.Settled).At(reserved.ExpiresAt).State);
        Assert.Equal(LedgerState.Saved, Line(LedgerState.Saved).At(reserved.ExpiresAt).State);
    }

    private static CostTotal Sum(IEnumerable<LedgerEntry> lines) => lines.Aggregate(new CostTotal(), (total, line) => total.With(line));

    private static LedgerEntry Line(LedgerState state) => new()
    {
        Id = "id", Day = DateOnly.FromDateTime(Noon.UtcDateTime), State = state, ReservedAt = Noon, ExpiresAt = Noon.AddHours(1), Batch = "holiday",
        RunSeq = 1,
        Step = "analyze-image", Engine = "OpenAI/gpt-4o",
    };
}
