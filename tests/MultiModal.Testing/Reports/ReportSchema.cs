using MultiModal.Testing.Files;
using NJsonSchema;

namespace MultiModal.Testing.Reports;

/// <summary>docs/report.schema.json: every report that a test sees is held to it.</summary>
public static class ReportSchema
{
    private static readonly Lazy<Task<JsonSchema>> Schema = new(() => JsonSchema.FromFileAsync(Repository.File("docs", "report.schema.json")));

    public static async Task HoldsAsync(string report)
    {
        var errors = (await Schema.Value).Validate(report);
        Assert.True(errors.Count == 0, $"{string.Join('\n', errors)}\n{report}");
    }

    /// <summary>Asserts that the detail of an item (<c>items/{n}.json</c>) is as the schema says.</summary>
    public static async Task HoldsDetailAsync(string detail)
    {
        var errors = (await Schema.Value).Definitions["itemDetail"].Validate(detail);
        Assert.True(errors.Count == 0, $"{string.Join('\n', errors)}\n{detail}");
    }

    public static async Task<bool> RefusesAsync(string report) => (await Schema.Value).Validate(report).Count > 0;
}
