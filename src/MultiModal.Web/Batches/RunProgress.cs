namespace MultiModal.Web.Batches;

/// <summary>How far the run under way is.</summary>
/// <param name="Count">Items of the run; null while its inventory is being taken.</param>
/// <param name="Done">Items that need no further step, however they ended.</param>
/// <param name="Failed">Those of them that failed.</param>
/// <param name="From">Index of the first item shown.</param>
/// <param name="Items">The items shown: a page of all.</param>
public sealed record RunProgress(int? Count, int Done, int Failed, int From, IReadOnlyList<ItemProgress> Items);
