using NJsonSchema;

namespace MultiModal.Conformance.Tests;

/// <summary>docs/report.schema.json: every report that the suite sees is held to it.</summary>
internal static class ReportSchema
{
    private static readonly Lazy<Task<JsonSchema>> Schema = new(Read);

    public static async Task Hold(string report)
    {
        var errors = (await Schema.Value).Validate(report);
        Assert.True(errors.Count == 0, $"{string.Join("\n", errors)}\n{report}");
    }

    private static async Task<JsonSchema> Read()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "docs", "report.schema.json"))) at = at.Parent;
        return await JsonSchema.FromFileAsync(Path.Combine(at?.FullName ?? throw new InvalidOperationException("docs/report.schema.json is not above the tests."), "docs", "report.schema.json"));
    }
}
