using Microsoft.Extensions.Configuration;
using MultiModal.Pipeline.Settings;
using MultiModal.Pipeline.Storage;

namespace MultiModal.Functions.Hosting;

/// <summary>
/// The connection of the blob triggers, which use the pipeline's account: setting <c>Media</c> (a connection string), or
/// <c>Media__blobServiceUri</c> and <c>Media__queueServiceUri</c> (an identity). Its name is not <c>Storage</c>, because Functions would
/// then read <c>AzureWebJobsStorage</c>, which may be another account.
/// </summary>
internal static class MediaConnection
{
    public const string Name = "Media";

    /// <summary>Returns the connection as settings of the section <c>Storage</c>, unless that section is set itself.</summary>
    public static GivenSettings AsStorage(IConfiguration configuration)
    {
        var storage = configuration.GetSection(StorageOptions.Section);
        var media = configuration.GetSection(Name);
        return new GivenSettings(
            key => $"{Name} (as {key})",
            storage[nameof(StorageOptions.ConnectionString)] is not null || storage[nameof(StorageOptions.BlobServiceUri)] is not null ? []
            : media.Value is { Length: > 0 } connection ? [new($"{StorageOptions.Section}:{nameof(StorageOptions.ConnectionString)}", connection)]
            : media["blobServiceUri"] is { Length: > 0 } address ? [new($"{StorageOptions.Section}:{nameof(StorageOptions.BlobServiceUri)}", address)]
            : []);
    }
}
