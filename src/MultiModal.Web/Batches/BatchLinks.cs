using System.Globalization;
using MultiModal.Pipeline.Batches;
using MultiModal.Web.Edge;

namespace MultiModal.Web.Batches;

/// <summary>URLs of a batch and its report, relative to the host.</summary>
public sealed record BatchLinks(string Self, string Report)
{
    internal static BatchLinks For(BatchName batch) => new(AddressOf(batch), $"{AddressOf(batch)}/report");

    internal static string AddressOf(BatchName batch) => $"/api/batches/{RouteText.Encode(batch.Value)}";

    internal static string ReportOf(BatchName batch, int runSeq) =>
        string.Create(CultureInfo.InvariantCulture, $"{AddressOf(batch)}/report?run={runSeq}");
}
