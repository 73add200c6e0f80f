using Microsoft.Extensions.Configuration;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Functions.Hosting;

/// <summary>
/// The connection of the blob triggers, which is the pipeline's account too: setting <c>Media</c> (a connection string), or
/// <c>Media__blobServiceUri</c> and <c>Media__queueServiceUri</c> (an identity). Not named <c>Storage</c>: Functions would
/// read that from <c>AzureWebJobsStorage</c>, which may be another account.
/// </summary>
internal static class MediaConnection
{
    public const string Name = "Media";

    /// <summary>The connection as section <c>Storage</c> has it, where that is not set itself.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> AsStorage(IConfiguration configuration)
    {
        var storage = configuration.GetSection(StorageOptions.Section);
        if (storage[nameof(StorageOptions.ConnectionString)] is not null || storage[nameof(StorageOptions.BlobServiceUri)] is not null) yield break;
        var media = configuration.GetSection(Name);
        if (media.Value is { Length: > 0 } connection) yield return new($"{StorageOptions.Section}:{nameof(StorageOptions.ConnectionString)}", connection);
        else if (media["blobServiceUri"] is { Length: > 0 } endpoint) yield return new($"{StorageOptions.Section}:{nameof(StorageOptions.BlobServiceUri)}", endpoint);
    }
}
