namespace MultiModal.Web.Uploads;

/// <summary>An upload URL for each file that was named, in their order.</summary>
public sealed record UploadUrls(IReadOnlyList<UploadUrl> Uploads);

/// <summary>Where a file is to be put, by a plain HTTP PUT with these headers.</summary>
/// <param name="Name">Within the batch.</param>
/// <param name="Url">Creates or replaces this one blob, and can do nothing else.</param>
/// <param name="Method">Always <c>PUT</c>.</param>
/// <param name="Headers">To send along.</param>
/// <param name="ExpiresAt">When it ends to work.</param>
public sealed record UploadUrl(string Name, Uri Url, string Method, IReadOnlyDictionary<string, string> Headers, DateTimeOffset ExpiresAt);
