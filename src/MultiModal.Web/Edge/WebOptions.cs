using System.ComponentModel.DataAnnotations;

namespace MultiModal.Web.Edge;

/// <summary>Configuration section <c>Web</c>: the limits of the HTTP API.</summary>
public sealed class WebOptions
{
    public const string Section = "Web";

    /// <summary>
    /// Largest file that can be uploaded through the API, in bytes. Larger ones go to storage with an upload URL. The Functions host's own limit
    /// applies too.
    /// </summary>
    [Range(1L, 1L << 40, ErrorMessage = "Web:MaxUploadBytes must be from 1 to 1099511627776 (1 TiB).")]
    public long MaxUploadBytes { get; set; } = 512L << 20;

    /// <summary>How long an upload URL may be used. User delegation keys allow 7 days at most.</summary>
    [Range(
        typeof(TimeSpan), "00:01:00", "7.00:00:00", ErrorMessage = "Web:UploadUrlLifetime must be from 1 minute (00:01:00) to 7 days (7.00:00:00).")]
    public TimeSpan UploadUrlLifetime { get; set; } = TimeSpan.FromHours(1);
}
