using Azure.Data.Tables;
using MultiModal.Pipeline.Ai;
using MultiModal.Pipeline.Costs;

namespace MultiModal.Pipeline.Tests.Costs;

public sealed class LedgerRowTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, 123, TimeSpan.Zero);

    private static readonly LedgerEntry Line = new()
    {
        Id = "id", Day = new DateOnly(2026, 3, 1), State = LedgerState.Settled, ReservedAt = Noon, ExpiresAt = Noon.AddHours(1),
        SettledAt = Noon.AddMinutes(1), Batch = "holiday", RunSeq = 7, BatchSince = Noon.AddTicks(-1), Step = "analyze-image",
        Engine = "OpenAI/gpt-4o", EstimatedUsd = 0.1m, CostUsd = 0.0000001m, SavedByOptimizingUsd = 0.3m, SavedByCacheUsd = 0.4m, PriceAssumed = true, Usage = new Usage(1, 2, 3, 4, 5.5, 6, "flex"),
    };

    [Fact]
    public void A_line_is_read_as_it_was_written_to_the_tick_and_to_the_last_digit() => Assert.Equal(Line, LedgerRow.Read(LedgerRow.ToEntity(Line)));

    [Fact]
    public void What_is_not_known_stays_unknown()
    {
        var bare = Line with { SettledAt = null, BatchSince = null, EstimatedUsd = null, CostUsd = null, SavedByOptimizingUsd = null, SavedByCacheUsd = null };
        Assert.Equal(bare, LedgerRow.Read(LedgerRow.ToEntity(bare)));
    }

    [Fact]
    public void A_line_of_an_older_build_has_no_usage_that_it_did_not_know()
    {
        var row = LedgerRow.ToEntity(Line);
        foreach (var column in new[] { "InputTokens", "CachedInputTokens", "OutputTokens", "AudioInputTokens", "AudioSeconds", "CacheWriteTokens", "Tier" })
        {
            row.Remove(column);
        }

        row.Remove("PriceAssumed");
        row.Remove("SettledAt");
        Assert.Equal(Line with { Usage = Usage.None, PriceAssumed = false, SettledAt = null }, LedgerRow.Read(row));
    }

    [Fact]
    public void Lines_lie_under_their_day_in_the_order_of_their_time()
    {
        var row = LedgerRow.ToEntity(Line);
        Assert.Equal(("2026-03-01", "id"), (row.PartitionKey, row.RowKey));
        string[] ids = [LedgerRow.NewId(Noon), LedgerRow.NewId(Noon.AddMilliseconds(1)), LedgerRow.NewId(Noon.AddDays(1))];
        Assert.Equal(ids, ids.Order(StringComparer.Ordinal));
        Assert.True(string.CompareOrdinal(LedgerRow.FirstIdAt(Noon), ids[0]) <= 0);
        Assert.True(string.CompareOrdinal(LedgerRow.FirstIdAt(Noon.AddMilliseconds(1)), ids[0]) > 0);
        Assert.DoesNotContain('-', ids[0]);
    }

    [Fact]
    public void Equal_moments_are_equal_texts_whatever_their_offset() =>
        Assert.Equal(LedgerRow.Text(Noon), LedgerRow.Text(Noon.ToOffset(TimeSpan.FromHours(2))));

    [Fact]
    public void Money_that_is_not_there_is_null() => Assert.Null(LedgerRow.Money(new TableEntity("a", "b"), "CostUsd"));
}
