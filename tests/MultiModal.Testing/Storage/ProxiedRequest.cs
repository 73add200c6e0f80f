namespace MultiModal.Testing.Storage;

/// <summary>A request on its way to storage.</summary>
/// <param name="Method">GET, HEAD, PUT, DELETE, POST, MERGE.</param>
/// <param name="Target">Path and query as they were sent.</param>
/// <param name="IsConditional">Whether it carries If-Match or If-None-Match.</param>
/// <param name="Arrival">The how manyth with this method and path, from 1.</param>
public sealed record ProxiedRequest(string Method, string Target, bool IsConditional, int Arrival)
{
    public bool IsWrite => Method is not ("GET" or "HEAD");

    /// <summary>A write of content, not of a lease or metadata.</summary>
    public bool IsUpload => Method == "PUT" && !Target.Contains("comp=", StringComparison.Ordinal);

    public bool Touches(string part) => Target.Contains(part, StringComparison.Ordinal);
}
