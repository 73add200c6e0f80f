using System.ComponentModel.DataAnnotations;

namespace MultiModal.Pipeline.Storage;

/// <summary>Configuration section <c>Storage</c>: the account that holds inbox, results, cache and state.</summary>
public sealed class StorageOptions : IValidatableObject
{
    public const string Section = "Storage";

    /// <summary>A connection string (<c>UseDevelopmentStorage=true</c> for Azurite). Not together with <see cref="BlobServiceUri"/>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>The blob endpoint of an account, reached by identity (<c>DefaultAzureCredential</c>).</summary>
    public Uri? BlobServiceUri { get; set; }

    /// <summary>The table endpoint of the same account; derived from <see cref="BlobServiceUri"/> where unset.</summary>
    public Uri? TableServiceUri { get; set; }

    /// <summary>Seconds that one try of a storage request may take. Default 30.</summary>
    [Range(1, 600, ErrorMessage = "Storage:TimeoutSeconds is 1 to 600.")]
    public int TimeoutSeconds { get; set; } = 30;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrWhiteSpace(ConnectionString) == BlobServiceUri is null)
        {
            yield return new ValidationResult("Set either Storage:ConnectionString or Storage:BlobServiceUri.", [nameof(ConnectionString), nameof(BlobServiceUri)]);
        }
    }
}
