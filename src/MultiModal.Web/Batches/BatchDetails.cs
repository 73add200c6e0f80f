using MultiModal.Pipeline.Batches;

namespace MultiModal.Web.Batches;

/// <summary>A batch, its run under way and its runs so far.</summary>
public sealed record BatchDetails
{
    public required BatchName Batch { get; init; }

    public required BatchStatus Status { get; init; }

    /// <summary>Number of the latest run, 0 before the first.</summary>
    public required int RunSeq { get; init; }

    /// <summary>How the latest finished run ended; null before.</summary>
    public RunStatus? LastStatus { get; init; }

    /// <summary>When the run is due that a drop led to; null unless quiet.</summary>
    public DateTimeOffset? QuietUntil { get; init; }

    /// <summary>When the latest run was started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Whether another run follows the one under way: something was dropped or a start was asked for since it began.</summary>
    public required bool RunsAgain { get; init; }

    /// <summary>Whether the run under way was asked to stop.</summary>
    public required bool CancelRequested { get; init; }

    /// <summary>The run under way; null where there is none.</summary>
    public RunProgress? Progress { get; init; }

    /// <summary>Runs that have a report, the latest first; at most 100.</summary>
    public required IReadOnlyList<RunEntry> Runs { get; init; }

    public required BatchLinks Links { get; init; }
}

/// <summary>A run of a batch that ended.</summary>
/// <param name="RunSeq">Its number.</param>
/// <param name="Report">Address of its report.</param>
public sealed record RunEntry(int RunSeq, string Report);

/// <summary>How far the run under way is.</summary>
/// <param name="Count">Items of the run; null while its inventory is being taken.</param>
/// <param name="Done">Items that need no further step, however they ended.</param>
/// <param name="Failed">Those of them that failed.</param>
/// <param name="From">Index of the first item shown.</param>
/// <param name="Items">The items shown: a page of all.</param>
public sealed record RunProgress(int? Count, int Done, int Failed, int From, IReadOnlyList<ItemProgress> Items);
