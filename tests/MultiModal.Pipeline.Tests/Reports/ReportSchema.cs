using NJsonSchema;

namespace MultiModal.Pipeline.Tests.Reports;

/// <summary>docs/report.schema.json, which every report that a test sees is held to.</summary>
internal static class ReportSchema
{
    public static async Task Holds(string report)
    {
        var errors = (await Read()).Validate(report);
        Assert.True(errors.Count == 0, string.Join('\n', errors));
    }

    public static async Task<bool> Refuses(string report) => (await Read()).Validate(report).Count > 0;

    private static async Task<JsonSchema> Read()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at!.FullName, "MultiModalFunctions.sln"))) at = at.Parent;
        return await JsonSchema.FromFileAsync(Path.Combine(at.FullName, "docs", "report.schema.json"));
    }
}
