namespace MultiModal.Pipeline.Inventory;

/// <summary>A blob of the inbox, as a listing shows it.</summary>
public sealed record InboxBlob(string Name, string ETag, long Bytes);
