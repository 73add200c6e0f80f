namespace MultiModal.Pipeline.Reports;

/// <summary>A failure as reports show it.</summary>
/// <param name="Code">One of <see cref="FailureCodes"/>.</param>
/// <param name="Message">What is wrong and what to do.</param>
public sealed record ReportError(string Code, string Message)
{
    internal static ReportError? Of(Failure? failure) => failure is null ? null : new ReportError(failure.Code, failure.Message);
}
