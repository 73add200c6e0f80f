using System.ComponentModel.DataAnnotations;
using System.Net;

namespace MultiModal.LocalHost.Hosting;

/// <summary>Configuration section <c>LocalHost</c>: the local host.</summary>
internal sealed class LocalHostOptions : IValidatableObject
{
    public const string Section = "LocalHost";

    /// <summary>Address to listen on. Any address but loopback needs <see cref="ApiKey"/>.</summary>
    public string Url { get; set; } = "http://127.0.0.1:7080";

    /// <summary>
    /// Key that callers of <c>/api</c> must send as <c>X-API-Key</c> or <c>Authorization: Bearer</c>, with at least 16 characters. If unset, no key
    /// is needed.
    /// </summary>
    public string? ApiKey { get; set; }

    /// <summary>Number of runs at a time. Other runs wait.</summary>
    [Range(1, 256, ErrorMessage = "LocalHost:MaxParallelRuns must be from 1 to 256.")]
    public int MaxParallelRuns { get; set; } = 4;

    /// <summary>Shortest pause between two listings of the inbox, at least 0.1 s. If unset, it is 0.5 s on Azurite and 1 s elsewhere.</summary>
    public TimeSpan? PollInterval { get; set; }

    /// <summary>
    /// Longest pause between two listings, which is reached while nothing changes, at least 0.1 s. Azurite is always listed at the shortest pause.
    /// </summary>
    public TimeSpan MaxPollInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often each batch is compared with its last report, whatever was seen to change, at least 1 s.</summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long steps may go on when the host is told to stop. The next start resumes what has not ended.</summary>
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(20);

    public bool ListensOnLoopbackOnly => Uri.TryCreate(Url, UriKind.Absolute, out var url) && url.IsLoopback;

    public TimeSpan PollIntervalFor(bool onAzurite) => PollInterval ?? TimeSpan.FromMilliseconds(onAzurite ? 500 : 1000);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")
            || (!url.IsLoopback && !IPAddress.TryParse(url.Host, out _)))
        {
            yield return new ValidationResult(
                "LocalHost:Url must be an http or https address with an IP address or localhost, such as http://127.0.0.1:7080.", [nameof(Url)]);
        }
        else if (!url.IsLoopback && string.IsNullOrEmpty(ApiKey))
        {
            yield return new ValidationResult(
                "LocalHost:Url is not a loopback address: set LocalHost:ApiKey, so that not everybody on the network can read and spend.",
                [nameof(ApiKey)]);
        }

        if (ApiKey is { Length: > 0 and < 16 }) yield return new ValidationResult("LocalHost:ApiKey has at least 16 characters.", [nameof(ApiKey)]);
        if (MaxPollInterval < TimeSpan.FromMilliseconds(100)) yield return new ValidationResult(
            "LocalHost:MaxPollInterval must be 0.1 s or more.", [nameof(MaxPollInterval)]);
        if (PollInterval < TimeSpan.FromMilliseconds(100)) yield return new ValidationResult(
            "LocalHost:PollInterval must be 0.1 s or more.", [nameof(PollInterval)]);
        if (SweepInterval < TimeSpan.FromSeconds(1)) yield return new ValidationResult(
            "LocalHost:SweepInterval must be 1 s or more.", [nameof(SweepInterval)]);
        if (ShutdownGrace < TimeSpan.Zero) yield return new ValidationResult(
            "LocalHost:ShutdownGrace must not be negative.", [nameof(ShutdownGrace)]);
    }
}
