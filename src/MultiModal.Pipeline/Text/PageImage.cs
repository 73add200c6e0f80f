using MultiModal.Pipeline.Inventory;

namespace MultiModal.Pipeline.Text;

/// <summary>A page of a PDF that is a picture.</summary>
/// <param name="Page">From 1.</param>
/// <param name="CacheName">Where the picture lies in the cache container.</param>
/// <param name="Hash">Of the picture's bytes.</param>
/// <param name="Bytes">Its size.</param>
public sealed record PageImage(int Page, string CacheName, ContentHash Hash, long Bytes);
