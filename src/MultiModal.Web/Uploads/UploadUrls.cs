namespace MultiModal.Web.Uploads;

/// <summary>An upload URL for each file that was named, in their order.</summary>
public sealed record UploadUrls(IReadOnlyList<UploadUrl> Uploads);
