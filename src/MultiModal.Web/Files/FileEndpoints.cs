using Azure;
using Microsoft.AspNetCore.Http;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Storage;
using MultiModal.Web.Batches;
using MultiModal.Web.Edge;
using MultiModal.Web.Serving;

namespace MultiModal.Web.Files;

/// <summary>Endpoints that list, read and delete the files of a batch.</summary>
public sealed class FileEndpoints(ApiEdge edge, BatchDirectory directory, BatchFiles files, BlobReader reader, IBatchHost host)
{
    private const int DefaultLimit = 1000;

    /// <summary>Largest page, which is also storage's.</summary>
    private const int MaxLimit = 5000;

    /// <summary>Longest text in a query: the longest name of a blob in UTF-8, or the mark of a page.</summary>
    private const int MaxText = 4096;

    /// <summary><c>GET /api/batches/{batch}/files?prefix=&amp;limit=&amp;continuation=</c></summary>
    public Task<IResult> ListAsync(HttpRequest request, string batch) => edge.AnswerAsync(request, batch, async (name, cancellationToken) =>
    {
        if (!Query.TryNumber(request, "limit", 1, MaxLimit, DefaultLimit, out var limit)) return Query.Problem("limit", 1, MaxLimit);
        var prefix = request.Query["prefix"].ToString();
        var continuation = request.Query["continuation"].ToString();
        if (IsUnfit(prefix) || IsUnfit(continuation))
        {
            return Answers.Problem(ProblemCodes.InvalidQuery, "prefix and continuation have at most 4,096 characters, and no control characters.");
        }

        var page = await files.ListAsync(name, prefix, limit, continuation.Length == 0 ? null : continuation, cancellationToken);
        if (!page.Succeeded) return Answers.Problem(page.Failure);
        return page.Value.Files.Count == 0 && await directory.FindAsync(name, cancellationToken) is null
            ? BatchEndpoints.NotFound()
            : Answers.Json(page.Value);
    });

    /// <summary><c>GET</c> and <c>HEAD /api/batches/{batch}/files/{*path}</c></summary>
    public Task<IResult> ReadAsync(HttpRequest request, string batch, string? path) =>
        edge.AnswerAsync(request, batch, async (name, cancellationToken) =>
    {
        var file = edge.ParseFile(name, RouteText.Decode(path ?? ""));
        if (!file.Succeeded) return Answers.Problem(file.Failure);
        var problem = new Failure(ProblemCodes.FileNotFound, "There is no such file in this batch.");
        foreach (var blob in files.BlobsOf(file.Value))
        {
            var content = await reader.FindAsync(request, blob, file.Value.Value, version: null, cancellationToken);
            if (content.Succeeded) return BlobReader.Answer(content.Value, file.Value.Value);
            if (content.Failure.Code != ProblemCodes.FileNotFound) problem = content.Failure;
        }

        return Answers.Problem(problem);
    });

    /// <summary>
    /// <c>DELETE /api/batches/{batch}/files/{*path}</c>. A run that is reading the file finds it changed, as if it had been deleted in storage, and
    /// the batch runs again without it.
    /// </summary>
    public Task<IResult> DeleteAsync(HttpRequest request, string batch, string? path) =>
        edge.AnswerAsync(request, batch, async (name, cancellationToken) =>
    {
        var file = edge.ParseFile(name, RouteText.Decode(path ?? ""));
        if (!file.Succeeded) return Answers.Problem(file.Failure);
        if (!TryVersion(request, out var version)) return Answers.Problem(ProblemCodes.BadRequest, "If-Match must name one ETag here.");
        try
        {
            if (!await files.DeleteAsync(file.Value, version, cancellationToken))
            {
                return Answers.Problem(ProblemCodes.FileNotFound, "There is no such file in this batch.");
            }
        }
        catch (RequestFailedException e) when (e.IsConditionNotMet())
        {
            return Answers.Problem(ProblemCodes.FileChanged, "The file is not the version that If-Match names. Nothing was deleted.");
        }

        await host.SignalDroppedAsync(name, cancellationToken);
        return TypedResults.NoContent();
    });

    /// <summary>Reads the version that alone may be deleted. A condition that cannot be read is no permission.</summary>
    private static bool TryVersion(HttpRequest request, out ETag? version)
    {
        version = null;
        if (request.Headers.IfMatch.Count == 0) return true;
        if (request.GetTypedHeaders().IfMatch is not [{ IsWeak: false } only]) return false;
        version = only.Tag == "*" ? null : new ETag(only.Tag.ToString());
        return true;
    }

    private static bool IsUnfit(string text) => text.Length > MaxText || text.Any(char.IsControl);
}
