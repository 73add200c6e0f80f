using System.Globalization;
using Azure.Data.Tables;
using MultiModal.Pipeline.Ai;

namespace MultiModal.Pipeline.Costs;

/// <summary>A line of the ledger as a table entity. Amounts are text, because tables have no decimal type and a double would round them.</summary>
internal static class LedgerRow
{
    public static string PartitionOf(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>
    /// An id that no other line has, in the order of time: a UUID of version 7, whose first 48 bits are Unix milliseconds (RFC 9562).
    /// </summary>
    public static string NewId(DateTimeOffset now) => Guid.CreateVersion7(now).ToString("N");

    /// <summary>No line that was reserved then or later has an id before this one.</summary>
    public static string FirstIdAt(DateTimeOffset moment) => moment.ToUnixTimeMilliseconds().ToString("x12", CultureInfo.InvariantCulture);

    public static TableEntity ToEntity(LedgerEntry entry) => new(PartitionOf(entry.Day), entry.Id)
    {
        [nameof(LedgerEntry.State)] = entry.State.ToString(),
        [nameof(LedgerEntry.ReservedAt)] = entry.ReservedAt,
        [nameof(LedgerEntry.ExpiresAt)] = entry.ExpiresAt,
        [nameof(LedgerEntry.SettledAt)] = entry.SettledAt,
        [nameof(LedgerEntry.Batch)] = entry.Batch,
        [nameof(LedgerEntry.RunSeq)] = entry.RunSeq,
        [nameof(LedgerEntry.BatchSince)] = Text(entry.BatchSince),
        [nameof(LedgerEntry.Step)] = entry.Step,
        [nameof(LedgerEntry.Engine)] = entry.Engine,
        [nameof(LedgerEntry.EstimatedUsd)] = Text(entry.EstimatedUsd),
        [nameof(LedgerEntry.CostUsd)] = Text(entry.CostUsd),
        [nameof(LedgerEntry.PriceAssumed)] = entry.PriceAssumed,
        [nameof(LedgerEntry.SavedByOptimizingUsd)] = Text(entry.SavedByOptimizingUsd),
        [nameof(LedgerEntry.SavedByCacheUsd)] = Text(entry.SavedByCacheUsd),
        [nameof(Usage.InputTokens)] = entry.Usage.InputTokens,
        [nameof(Usage.CachedInputTokens)] = entry.Usage.CachedInputTokens,
        [nameof(Usage.OutputTokens)] = entry.Usage.OutputTokens,
        [nameof(Usage.AudioInputTokens)] = entry.Usage.AudioInputTokens,
        [nameof(Usage.AudioSeconds)] = entry.Usage.AudioSeconds,
        [nameof(Usage.CacheWriteTokens)] = entry.Usage.CacheWriteTokens,
        [nameof(Usage.Tier)] = entry.Usage.Tier,
        [nameof(Usage.ImageOutputTokens)] = entry.Usage.ImageOutputTokens is > 0 and var picture ? picture : null,
    };

    public static LedgerEntry Read(TableEntity row) => new()
    {
        Id = row.RowKey,
        Day = DateOnly.ParseExact(row.PartitionKey, "yyyy-MM-dd", CultureInfo.InvariantCulture),
        State = Enum.Parse<LedgerState>(row.GetString(nameof(LedgerEntry.State))),
        ReservedAt = row.GetDateTimeOffset(nameof(LedgerEntry.ReservedAt))!.Value,
        ExpiresAt = row.GetDateTimeOffset(nameof(LedgerEntry.ExpiresAt))!.Value,
        SettledAt = row.GetDateTimeOffset(nameof(LedgerEntry.SettledAt)),
        Batch = row.GetString(nameof(LedgerEntry.Batch)),
        RunSeq = row.GetInt32(nameof(LedgerEntry.RunSeq))!.Value,
        BatchSince = row.GetString(nameof(LedgerEntry.BatchSince)) is { } since
            ? DateTimeOffset.ParseExact(since, "O", CultureInfo.InvariantCulture)
            : null,
        Step = row.GetString(nameof(LedgerEntry.Step)),
        Engine = row.GetString(nameof(LedgerEntry.Engine)),
        EstimatedUsd = Money(row, nameof(LedgerEntry.EstimatedUsd)),
        CostUsd = Money(row, nameof(LedgerEntry.CostUsd)),
        PriceAssumed = row.GetBoolean(nameof(LedgerEntry.PriceAssumed)) ?? false,
        SavedByOptimizingUsd = Money(row, nameof(LedgerEntry.SavedByOptimizingUsd)),
        SavedByCacheUsd = Money(row, nameof(LedgerEntry.SavedByCacheUsd)),
        Usage = new Usage(
            row.GetInt64(nameof(Usage.InputTokens)) ?? 0,
            row.GetInt64(nameof(Usage.CachedInputTokens)) ?? 0,
            row.GetInt64(nameof(Usage.OutputTokens)) ?? 0,
            row.GetInt64(nameof(Usage.AudioInputTokens)) ?? 0,
            row.GetDouble(nameof(Usage.AudioSeconds)) ?? 0,
            row.GetInt64(nameof(Usage.CacheWriteTokens)) ?? 0,
            row.GetString(nameof(Usage.Tier)),
            row.GetInt64(nameof(Usage.ImageOutputTokens)) ?? 0),
    };

    /// <summary>Exact to a tick and equal for equal moments, so that a filter can ask for it.</summary>
    public static string? Text(DateTimeOffset? moment) => moment?.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture);

    public static string? Text(decimal? money) => money?.ToString(CultureInfo.InvariantCulture);

    public static decimal? Money(TableEntity row, string name) =>
        row.GetString(name) is { } text ? decimal.Parse(text, NumberStyles.Number, CultureInfo.InvariantCulture) : null;
}
