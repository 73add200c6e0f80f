using System.Text.Json;

namespace MultiModal.Conformance.Tests;

/// <summary>Reports and details, read shortly.</summary>
internal static class ReportReading
{
    public static string Status(this JsonElement element) => element.GetProperty("status").GetString()!;

    public static JsonElement Item(this JsonElement report, string name) =>
        report.GetProperty("items").EnumerateArray().Single(i => i.GetProperty("name").GetString() == name);

    /// <returns>Null for an item without an error.</returns>
    public static string? Code(this JsonElement item) =>
        item.GetProperty("error") is { ValueKind: JsonValueKind.Object } error ? error.GetProperty("code").GetString() : null;

    /// <summary>How each step that an engine answered came by its answer.</summary>
    public static List<string> EngineCaches(this JsonElement report) =>
        [.. report.GetProperty("items").EnumerateArray().SelectMany(i => i.GetProperty("steps").EnumerateArray())
            .Where(s => s.GetProperty("engine").ValueKind == JsonValueKind.String && s.Status() == "succeeded")
            .Select(s => s.GetProperty("cache").GetString()!)];

    /// <summary>Whether a model answered that has no price.</summary>
    public static bool HasUnpriced(this JsonElement report) => report.GetProperty("cost").GetProperty("unpriced").GetArrayLength() > 0;

    public static decimal Spent(this JsonElement report) => report.GetProperty("cost").GetProperty("spentUsd").GetDecimal();
}
