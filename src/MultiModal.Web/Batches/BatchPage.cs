namespace MultiModal.Web.Batches;

/// <summary>A page of the list of batches, in ordinal order of their names.</summary>
/// <param name="Batches">At most as many as asked for.</param>
/// <param name="Next">Address of the next page; null on the last one.</param>
public sealed record BatchPage(IReadOnlyList<BatchSummary> Batches, string? Next);
