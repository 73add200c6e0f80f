namespace MultiModal.Web.Batches;

/// <summary>A run of a batch that ended.</summary>
/// <param name="RunSeq">Its number.</param>
/// <param name="Report">Address of its report.</param>
public sealed record RunEntry(int RunSeq, string Report);
