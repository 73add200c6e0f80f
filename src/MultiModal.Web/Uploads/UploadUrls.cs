namespace MultiModal.Web.Uploads;

/// <summary>An upload URL for each requested file, in the order of the request.</summary>
public sealed record UploadUrls(IReadOnlyList<UploadUrl> Uploads);

/// <summary>The destination of a file: a plain HTTP PUT with these headers.</summary>
/// <param name="Name">Name within the batch.</param>
/// <param name="Url">A URL that can only create or replace this one blob.</param>
/// <param name="Method">HTTP method, always <c>PUT</c>.</param>
/// <param name="Headers">Headers to send along.</param>
/// <param name="ExpiresAt">Time when the URL expires.</param>
public sealed record UploadUrl(string Name, Uri Url, string Method, IReadOnlyDictionary<string, string> Headers, DateTimeOffset ExpiresAt);
