using System.ComponentModel.DataAnnotations;

namespace MultiModal.Pipeline.Storage;

/// <summary>Configuration section <c>Storage</c>: the account that holds inbox, results, cache and state.</summary>
public sealed class StorageOptions : IValidatableObject
{
    public const string Section = "Storage";

    /// <summary>
    /// Connection string of the account, or <c>UseDevelopmentStorage=true</c> for Azurite, which the local host uses if neither this nor <see
    /// cref="BlobServiceUri"/> is set. Set only one of the two.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>Blob endpoint of the account. The host signs in with its identity (<c>DefaultAzureCredential</c>).</summary>
    public Uri? BlobServiceUri { get; set; }

    /// <summary>Table endpoint of the same account. If unset, it is derived from <see cref="BlobServiceUri"/>.</summary>
    public Uri? TableServiceUri { get; set; }

    /// <summary>Seconds that one attempt at a storage request may take.</summary>
    [Range(1, 600, ErrorMessage = "Storage:TimeoutSeconds must be from 1 to 600.")]
    public int TimeoutSeconds { get; set; } = 30;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrWhiteSpace(ConnectionString) == BlobServiceUri is null)
        {
            yield return new ValidationResult(
                "Set either Storage:ConnectionString or Storage:BlobServiceUri.", [nameof(ConnectionString), nameof(BlobServiceUri)]);
        }
    }
}
