namespace MultiModal.Web.Health;

/// <summary>Said while all is well; otherwise there is a problem.</summary>
/// <param name="Status">Always <c>healthy</c>.</param>
/// <param name="Host"><c>local</c> or <c>functions</c>.</param>
public sealed record HealthReport(string Status, string Host);
