using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Costs;
using MultiModal.Pipeline.Estimates;
using MultiModal.Web.Batches;
using MultiModal.Web.Edge;

namespace MultiModal.Web.Costs;

/// <summary>Endpoints for money: amounts spent and saved, and the estimated cost of a run.</summary>
public sealed class CostEndpoints(
    ApiEdge edge, CostLedger ledger, BatchEstimator estimator, BatchDirectory directory, IOptions<BudgetOptions> budget, TimeProvider time)
{
    private const int DefaultDays = 30;
    private const int MaxDays = 366;

    /// <summary><c>GET /api/costs?from=&amp;to=&amp;by=day|batch|step|model&amp;batch=&amp;run=</c></summary>
    public Task<IResult> ReadAsync(HttpRequest request) => edge.AnswerAsync(request, async cancellationToken =>
    {
        if (!TryDay(request, "to", DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), out var to)) return NoDay("to");
        if (!TryDay(request, "from", to.DayNumber < DefaultDays ? DateOnly.MinValue : to.AddDays(1 - DefaultDays), out var from)) return NoDay(
            "from");
        if (from > to
            || to.DayNumber - from.DayNumber >= MaxDays) return Answers.Problem(
                ProblemCodes.InvalidQuery, $"from must not be after to, and they may span at most {MaxDays} days.");
        var asked = request.Query["by"].ToString();
        var groupings = Enum.GetValues<CostGrouping>();
        if (asked.Length > 0
            && !groupings.Any(g => Spelled(g) == asked)) return Answers.Problem(
                ProblemCodes.InvalidQuery, $"by must be one of {string.Join(", ", groupings.Select(Spelled))}.");
        var by = asked.Length == 0 ? CostGrouping.Day : groupings.Single(g => Spelled(g) == asked);
        if (!Query.TryNumber(request, "run", 1, int.MaxValue, 0, out var runSeq)) return Query.Problem("run", 1, int.MaxValue);
        var batch = request.Query["batch"].ToString();
        if (batch.Length > 0 != runSeq > 0) return Answers.Problem(ProblemCodes.InvalidQuery, "batch and run are given together, or neither is.");
        if (runSeq > 0) return await ReadRunAsync(batch, runSeq, from, by, cancellationToken);
        return Answers.Json(await ledger.SumAsync(from, to, by, cancellationToken) with { Budget = await ReadBudgetAsync(cancellationToken) });
    });

    /// <summary><c>POST /api/batches/{batch}/estimate</c></summary>
    public Task<IResult> EstimateAsync(HttpRequest request, string batch) => edge.AnswerAsync(request, batch, async (name, cancellationToken) =>
    {
        if (await directory.FindAsync(name, cancellationToken) is null) return BatchEndpoints.NotFound();
        var estimate = await estimator.EstimateAsync(name, cancellationToken);
        return estimate.Succeeded ? Answers.Json(estimate.Value) : Answers.Problem(estimate.Failure);
    });

    private async Task<IResult> ReadRunAsync(string batch, int runSeq, DateOnly from, CostGrouping by, CancellationToken cancellationToken)
    {
        var name = edge.ParseBatch(batch);
        if (!name.Succeeded) return Answers.Problem(name.Failure);
        var startedAt = new DateTimeOffset(from, TimeOnly.MinValue, TimeSpan.Zero);
        return Answers.Json(await ledger.SumRunAsync(new RunReference(name.Value, runSeq), startedAt, by, cancellationToken));
    }

    private async Task<BudgetLeft?> ReadBudgetAsync(CancellationToken cancellationToken)
    {
        var (perRun, perDay) = (budget.Value.PerRunUsd, budget.Value.PerDayUsd);
        if (perRun is null && perDay is null) return null;
        if (perDay is null) return new BudgetLeft(perRun, perDay, null);
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var total = (await ledger.SumAsync(today, today, CostGrouping.Day, cancellationToken)).Total;
        return new BudgetLeft(perRun, perDay, Math.Max(0, perDay.Value - total.SpentUsd - total.ReservedUsd - total.UnknownUsd));
    }

    private static bool TryDay(HttpRequest request, string name, DateOnly otherwise, out DateOnly day)
    {
        day = otherwise;
        return request.Query[name].ToString() is not { Length: > 0 } text
            || DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
    }

    private static IResult NoDay(string name) => Answers.Problem(ProblemCodes.InvalidQuery, $"{name} must be a day (UTC), such as 2026-01-31.");

    private static string Spelled(CostGrouping grouping) => JsonNamingPolicy.CamelCase.ConvertName(grouping.ToString());
}
