using MultiModal.Pipeline.Batches;

namespace MultiModal.Web.Batches;

/// <summary>A batch with its current run and its runs so far.</summary>
public sealed record BatchDetails
{
    public required BatchName Batch { get; init; }

    public required BatchStatus Status { get; init; }

    /// <summary>Why the batch is held; null unless it is.</summary>
    public BatchHold? Hold { get; init; }

    /// <summary>Number of the latest run; 0 before the first.</summary>
    public required int RunSeq { get; init; }

    /// <summary>Status of the latest finished run; null before the first has finished.</summary>
    public RunStatus? LastStatus { get; init; }

    /// <summary>Time when the run after a drop is due; null unless the batch is quiet.</summary>
    public DateTimeOffset? QuietUntil { get; init; }

    /// <summary>Time when the latest run started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Whether another run follows the current one, because files were dropped or a start was requested since it began.</summary>
    public required bool RunsAgain { get; init; }

    /// <summary>Whether cancellation of the current run was requested.</summary>
    public required bool CancelRequested { get; init; }

    /// <summary>Progress of the current run; null if there is none.</summary>
    public RunProgress? Progress { get; init; }

    /// <summary>Runs that have a report, the latest first; at most 100.</summary>
    public required IReadOnlyList<RunEntry> Runs { get; init; }

    public required BatchLinks Links { get; init; }
}

/// <summary>A run of a batch that has ended.</summary>
/// <param name="RunSeq">Number of the run.</param>
/// <param name="Report">URL of the run's report.</param>
public sealed record RunEntry(int RunSeq, string Report);

/// <summary>Progress of the current run.</summary>
/// <param name="Count">Number of items of the run; null while its inventory is being taken.</param>
/// <param name="Done">Number of items that need no further step, however they ended.</param>
/// <param name="Failed">Number of those items that failed.</param>
/// <param name="From">Index of the first item shown.</param>
/// <param name="Items">The items shown, which are a page of all items.</param>
/// <param name="Steps">How far each step is, over all items.</param>
/// <param name="Active">The first of the items that are under way, at most 20.</param>
/// <param name="Failures">The first of the items that failed, at most 100.</param>
public sealed record RunProgress(
    int? Count,
    int Done,
    int Failed,
    int From,
    IReadOnlyList<ItemProgress> Items,
    IReadOnlyList<StepTally> Steps,
    IReadOnlyList<ItemProgress> Active,
    IReadOnlyList<ItemProgress> Failures);
