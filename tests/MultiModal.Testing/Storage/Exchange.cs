namespace MultiModal.Testing.Storage;

/// <summary>A request that storage has answered.</summary>
/// <param name="Service"><c>Blob</c> or <c>Table</c>.</param>
/// <param name="Request">The request.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Body">Its body.</param>
/// <param name="Arrived">Position of its arrival among all arrivals and answers.</param>
/// <param name="Answered">Position of its answer among them.</param>
/// <param name="ETag">Version that the answer names; null if it names none.</param>
public sealed record Exchange(
    string Service, ProxiedRequest Request, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body, long Arrived, long Answered, string? ETag);
