using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Azure;
using Azure.Storage.Blobs.Models;
using Microsoft.AspNetCore.Http;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Admission;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Storage;
using MultiModal.Web.Edge;

namespace MultiModal.Web.Batches;

/// <summary>Endpoints that create, list, watch, start, cancel and delete batches.</summary>
public sealed class BatchEndpoints(
    ApiEdge edge,
    IBatchHost host,
    BatchDirectory directory,
    BatchStore store,
    UploadMarks uploads,
    RunStore runs,
    RunWatch watch,
    BatchEraser eraser,
    BatchAdmission admission,
    MediaAccount account,
    TimeProvider time)
{
    private const int MaxBodyBytes = BatchOptionsFile.MaxBytes;
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;
    private const string NameAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int RandomNameLength = 16;
    private const string RecentFirst = "recent";

    /// <summary>Time after which a client should look at a run that it just requested.</summary>
    private static readonly TimeSpan StartRetry = TimeSpan.FromSeconds(1);

    /// <summary><c>POST /api/batches</c></summary>
    public Task<IResult> CreateAsync(HttpRequest request) => edge.AnswerAsync(request, async cancellationToken =>
    {
        var body = await JsonBody.ReadObjectAsync(request, MaxBodyBytes, cancellationToken);
        if (!body.Succeeded) return Answers.Problem(body.Failure);
        var wish = Read(body.Value);
        if (!wish.Succeeded) return Answers.Problem(wish.Failure);

        var (batch, options) = wish.Value;
        if (await directory.FindAsync(batch, cancellationToken) is not null
            || options is not null && !await TryWriteOptionsAsync(batch, options, cancellationToken)
            || !await store.TryWriteAsync(new BatchState { Batch = batch }, etag: null, cancellationToken) && options is null)
        {
            return Answers.Problem(ProblemCodes.BatchExists, "There already is a batch with this name.");
        }

        var summary = new BatchSummary(batch, BatchStatus.New, 0, null, null, BatchLinks.For(batch));
        return Answers.Json(summary, StatusCodes.Status201Created).With("Location", summary.Links.Self);
    });

    /// <summary><c>GET /api/batches?prefix=&amp;contains=&amp;status=&amp;sort=&amp;after=&amp;skip=&amp;limit=</c></summary>
    public Task<IResult> ListAsync(HttpRequest request) => edge.AnswerAsync(request, async cancellationToken =>
    {
        BatchStatus? status = null;
        if (request.Query["status"].ToString() is { Length: > 0 } asked)
        {
            if (!Enum.GetValues<BatchStatus>().Any(s => Matches(s, asked)))
            {
                return Answers.Problem(
                    ProblemCodes.InvalidQuery, $"status must be one of {string.Join(", ", Enum.GetValues<BatchStatus>().Select(Spelled))}.");
            }

            status = Enum.Parse<BatchStatus>(asked, ignoreCase: true);
        }

        if (!Query.TryNumber(request, "limit", 1, MaxLimit, DefaultLimit, out var limit)) return Query.Problem("limit", 1, MaxLimit);
        if (!Query.TryNumber(request, "skip", 0, int.MaxValue, 0, out var skip)) return Query.Problem("skip", 0, int.MaxValue);
        var sort = request.Query["sort"].ToString();
        if (sort is not ("" or "name" or RecentFirst))
        {
            return Answers.Problem(ProblemCodes.InvalidQuery, "sort must be \"name\" or \"recent\".");
        }

        var contained = request.Query["contains"].ToString();
        var cards = await store.ListAsync(request.Query["prefix"], request.Query["after"], cancellationToken);
        var matching = cards
            .Where(card => card.Batch.Value.Contains(contained, StringComparison.OrdinalIgnoreCase))
            .Select(BatchSummary.FromCard)
            .Where(b => status is null || b.Status == status);
        var isRecentFirst = sort == RecentFirst;
        if (isRecentFirst) matching = matching.OrderByDescending(b => Urgency(b.Status)).ThenByDescending(b => b.FinishedAt);
        var found = matching.Skip(skip).Take(limit + 1).ToList();
        if (found.Count <= limit) return Answers.Json(new BatchPage(found, null));
        found.RemoveAt(limit);
        return Answers.Json(new BatchPage(found, isRecentFirst
            ? NextPage(request, "skip", (skip + limit).ToString(CultureInfo.InvariantCulture))
            : NextPage(request, "after", found[^1].Batch.Value)));
    });

    /// <summary><c>GET /api/batches/{batch}?from=&amp;items=</c></summary>
    public Task<IResult> ReadAsync(HttpRequest request, string batch) => edge.AnswerAsync(request, batch, async (name, cancellationToken) =>
    {
        if (!Query.TryNumber(request, "from", 0, int.MaxValue, 0, out var from)) return Query.Problem("from", 0, int.MaxValue);
        if (!Query.TryNumber(request, "items", 0, MaxLimit, DefaultLimit, out var items)) return Query.Problem("items", 0, MaxLimit);
        if (await directory.FindAsync(name, cancellationToken) is not { } state) return NotFound();

        var run = state.Phase == BatchPhase.Running ? new RunReference(name, state.RunSeq, state.Scope, state.Since) : null;
        return Answers.Json(new BatchDetails
        {
            Batch = name,
            Status = BatchStatuses.From(state.Phase, state.LastStatus, state.IsEmpty),
            Hold = BatchHold.Of(state.Phase, state.HeldFor, state.IsEmpty),
            RunSeq = state.RunSeq,
            LastStatus = state.LastStatus,
            QuietUntil = state.QuietUntil,
            StartedAt = state.StartedAt,
            FinishedAt = state.FinishedAt,
            RunsAgain = run is not null && (state.Dirty || state.StartAgain),
            CancelRequested = run is not null && await runs.IsCancelRequestedAsync(run, cancellationToken),
            Progress = run is null ? null : await watch.ReadProgressAsync(run, from, items, cancellationToken),
            Runs = await watch.ListEndedAsync(state, cancellationToken),
            Links = BatchLinks.For(name),
        });
    });

    /// <summary><c>POST /api/batches/{batch}/start?only=failed</c></summary>
    public Task<IResult> StartAsync(HttpRequest request, string batch) => edge.AnswerAsync(request, batch, async (name, cancellationToken) =>
    {
        RunScope scope;
        switch (request.Query["only"].ToString())
        {
            case "": scope = RunScope.All; break;
            case "failed": scope = RunScope.Failed; break;
            default: return Answers.Problem(ProblemCodes.InvalidQuery, "only must be \"failed\", or must be left out.");
        }

        if (await directory.FindAsync(name, cancellationToken) is null) return NotFound();
        await uploads.ClearAsync(name, cancellationToken);
        await host.SignalStartAsync(name, scope, cancellationToken);
        return Accepted(name);
    });

    /// <summary><c>POST /api/batches/{batch}/cancel</c></summary>
    public Task<IResult> CancelAsync(HttpRequest request, string batch) => edge.AnswerAsync(request, batch, async (name, cancellationToken) =>
    {
        if (await directory.FindAsync(name, cancellationToken) is not { } state) return NotFound();
        if (state.Phase != BatchPhase.Running) return Answers.Problem(ProblemCodes.BatchNotRunning, "This batch has no run that could be cancelled.");
        await runs.RequestCancelAsync(new RunReference(name, state.RunSeq, state.Scope, state.Since), cancellationToken);
        return Accepted(name);
    });

    /// <summary><c>DELETE /api/batches/{batch}</c></summary>
    public Task<IResult> DeleteAsync(HttpRequest request, string batch) => edge.AnswerAsync(request, batch, async (name, cancellationToken) =>
    {
        if (await directory.FindAsync(name, cancellationToken) is null) return NotFound();
        return await eraser.EraseAsync(name, cancellationToken)
            ? TypedResults.NoContent()
            : Answers.Problem(
                ProblemCodes.BatchRunning, "The batch is running. Cancel the run, and delete the batch when the run has ended.", StartRetry);
    });

    internal static IResult NotFound() => Answers.Problem(ProblemCodes.BatchNotFound, "There is no such batch.");

    private static IResult Accepted(BatchName batch)
    {
        var links = BatchLinks.For(batch);
        return Answers.Json(links, StatusCodes.Status202Accepted).With("Location", links.Self).RetryAfter(StartRetry);
    }

    private static string Spelled(BatchStatus status) => JsonNamingPolicy.CamelCase.ConvertName(status.ToString());

    private static bool Matches(BatchStatus status, string asked) => Spelled(status) == asked;

    /// <summary>What is under way comes first in a list of the latest batches, and then what is about to be.</summary>
    private static int Urgency(BatchStatus status) => status switch
    {
        BatchStatus.Running => 3,
        BatchStatus.Quiet => 2,
        BatchStatus.Held or BatchStatus.New => 1,
        _ => 0,
    };

    private static string NextPage(HttpRequest request, string from, string value)
    {
        var query = request.Query
            .Where(q => q.Key is "prefix" or "contains" or "status" or "sort" or "limit")
            .Select(q => (q.Key, Value: q.Value.ToString()));
        return $"/api/batches{QueryString.Create(query.Append((from, value)).Select(q => KeyValuePair.Create(q.Item1, (string?)q.Item2)))}";
    }

    private Outcome<(BatchName Batch, BatchOptions? Options)> Read(JsonElement body)
    {
        BatchName? batch = null;
        BatchOptions? options = null;
        foreach (var field in body.EnumerateObject())
        {
            switch (field.Name)
            {
                case "name" when field.Value.ValueKind == JsonValueKind.String:
                    var name = edge.ParseBatch(field.Value.GetString()!);
                    if (!name.Succeeded) return name.Failure;
                    batch = name.Value;
                    break;
                case "options" when field.Value.ValueKind == JsonValueKind.Object:
                    var parsed = BatchOptionsFile.Parse(field.Value);
                    var admitted = parsed.Succeeded ? admission.Admit(parsed.Value) : parsed.Failure;
                    if (!admitted.Succeeded) return admitted.Failure;
                    options = parsed.Value;
                    break;
                case "name" or "options" when field.Value.ValueKind == JsonValueKind.Null:
                    break;
                default:
                    return new Failure(ProblemCodes.InvalidBody, "The body may have \"name\" (text) and \"options\" (an object), and nothing else.");
            }
        }

        var made = batch ?? NewName();
        var file = edge.ParseFile(made, BatchOptionsFile.FileName);
        return file.Succeeded ? (made, options) : file.Failure;
    }

    /// <summary>Creates a name that sorts by creation time and can't be guessed: 80 of its bits are random.</summary>
    private BatchName NewName() =>
        BatchName.Parse($"{time.GetUtcNow():yyyyMMdd-HHmmss}-{RandomNumberGenerator.GetString(NameAlphabet, RandomNameLength)}");

    private async Task<bool> TryWriteOptionsAsync(BatchName batch, BatchOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await account.Inbox.GetBlobClient(BatchOptionsFile.BlobName(batch)).UploadAsync(
                BatchOptionsFile.Write(options),
                new BlobUploadOptions
                {
                    HttpHeaders = new BlobHttpHeaders { ContentType = "application/json" },
                    Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
                },
                cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.IsConditionNotMet())
        {
            return false;
        }
    }
}
