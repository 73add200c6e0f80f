using System.Globalization;
using System.Text.RegularExpressions;
using Azure;
using Azure.Storage.Blobs.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;
using MultiModal.Web.Batches;
using MultiModal.Web.Edge;

namespace MultiModal.Web.Reports;

/// <summary>Endpoints for reports and their files, as the runs wrote them.</summary>
public sealed partial class ReportEndpoints(ApiEdge edge, BatchDirectory directory, BatchResults results)
{
    private static readonly TimeSpan ReportRetry = TimeSpan.FromSeconds(2);

    internal static Failure NoIllustration { get; } = new(ProblemCodes.ItemNotFound, "The report of this run has no illustration.");

    /// <summary>Where the picture of a run's report may be, within the batch's results.</summary>
    internal static IEnumerable<string> IllustrationPaths(int runSeq) => [$"{RunFolder(runSeq)}illustration.jpg", $"{RunFolder(runSeq)}illustration.png"];

    /// <summary><c>GET /api/batches/{batch}/report?run=</c></summary>
    public Task<IResult> ReadAsync(HttpRequest request, string batch) => edge.AnswerAsync(request, batch, async (name, cancellationToken) =>
    {
        if (!Query.TryNumber(request, "run", 1, int.MaxValue, 0, out var runSeq)) return Query.Problem("run", 1, int.MaxValue);
        if (ReportFormat.Choose(request) is not { } format) return Answers.Problem(
            ProblemCodes.NotAcceptable, "A report is available as application/json and as text/markdown.");

        var path = $"{(runSeq == 0 ? "" : RunFolder(runSeq))}report.{format.Extension}";
        var report = await FindAsync(name, path, format.ContentType, cancellationToken);
        return (report ?? await MissingAsync(name, runSeq, cancellationToken)).With("Vary", "Accept");
    });

    /// <summary><c>GET /api/batches/{batch}/runs/{run}/items/{item}</c>; the item may end with <c>.json</c>, <c>.vtt</c> or <c>.srt</c>.</summary>
    public Task<IResult> ReadItemAsync(HttpRequest request, string batch, string run, string item) =>
        edge.AnswerAsync(request, batch, async (name, cancellationToken) =>
    {
        if (!int.TryParse(run, NumberStyles.None, CultureInfo.InvariantCulture, out var runSeq) || runSeq < 1)
        {
            return Answers.Problem(ProblemCodes.RunNotFound, "Runs are numbered 1, 2, 3…");
        }

        var parts = ItemFile().Match(item);
        var extension = parts.Groups["extension"].Success ? parts.Groups["extension"].Value : "json";
        var found = parts.Success
            ? await FindAsync(
                name, $"{RunFolder(runSeq)}items/{parts.Groups["index"].Value}.{extension}", ContentTypeOf(extension), cancellationToken)
            : null;
        if (found is not null) return found;
        return await directory.FindAsync(name, cancellationToken) is null
            ? BatchEndpoints.NotFound()
            : Answers.Problem(ProblemCodes.ItemNotFound, "This run has no such item, or the item has nothing of this kind.");
    });

    /// <summary><c>GET /api/batches/{batch}/runs/{run}/illustration</c>: the picture of a report.</summary>
    public Task<IResult> ReadIllustrationAsync(HttpRequest request, string batch, string run) =>
        edge.AnswerAsync(request, batch, async (name, cancellationToken) =>
    {
        if (!int.TryParse(run, NumberStyles.None, CultureInfo.InvariantCulture, out var runSeq) || runSeq < 1)
        {
            return Answers.Problem(ProblemCodes.RunNotFound, "Runs are numbered 1, 2, 3…");
        }

        foreach (var path in IllustrationPaths(runSeq))
        {
            if (await FindAsync(name, path, path.EndsWith(".png", StringComparison.Ordinal) ? "image/png" : "image/jpeg", cancellationToken) is { } found)
            {
                return found;
            }
        }

        return await directory.FindAsync(name, cancellationToken) is null
            ? BatchEndpoints.NotFound()
            : Answers.Problem(NoIllustration);
    });

    private static string RunFolder(int runSeq) => string.Create(CultureInfo.InvariantCulture, $"runs/{runSeq}/");

    private static string ContentTypeOf(string extension) => extension switch
    {
        "vtt" => "text/vtt; charset=utf-8",
        "srt" => "application/x-subrip; charset=utf-8",
        _ => "application/json",
    };

    private async Task<IResult> MissingAsync(BatchName batch, int runSeq, CancellationToken cancellationToken)
    {
        if (await directory.FindAsync(batch, cancellationToken) is not { } state) return BatchEndpoints.NotFound();
        var past = state.Phase == BatchPhase.Running ? state.RunSeq - 1 : state.RunSeq;
        return runSeq > state.RunSeq || runSeq > 0 && runSeq <= past
            ? Answers.Problem(ProblemCodes.RunNotFound, "There is no report of this run.")
            : Answers.Problem(ProblemCodes.ReportNotReady, "The report is not written yet.", ReportRetry);
    }

    /// <summary>Finds a stored file. The framework answers If-None-Match with 304 by the entity tag that it is given here.</summary>
    private async Task<IResult?> FindAsync(BatchName batch, string path, string contentType, CancellationToken cancellationToken)
    {
        try
        {
            var file = await results.LocateAsync(batch, path, cancellationToken);
            BlobDownloadStreamingResult blob = await file.DownloadStreamingAsync(cancellationToken: cancellationToken);
            return TypedResults
                .Stream(
                    blob.Content, contentType, lastModified: blob.Details.LastModified,
                    entityTag: EntityTagHeaderValue.Parse(blob.Details.ETag.ToString("H")))
                .AsContent()
                .With("Cache-Control", "private, no-cache");
        }
        catch (RequestFailedException e) when (e.IsNotFound())
        {
            return null;
        }
    }

    [GeneratedRegex(@"^(?<index>0|[1-9]\d{0,8})(\.(?<extension>json|vtt|srt))?$", RegexOptions.CultureInvariant)]
    private static partial Regex ItemFile();
}
