using System.ComponentModel.DataAnnotations;
using System.Net;

namespace MultiModal.LocalHost.Hosting;

/// <summary>Configuration section <c>LocalHost</c>.</summary>
internal sealed class LocalHostOptions : IValidatableObject
{
    public const string Section = "LocalHost";

    /// <summary>Where to listen. Other than loopback needs <see cref="ApiKey"/>.</summary>
    public string Url { get; set; } = "http://127.0.0.1:7080";

    /// <summary>What callers of <c>/api</c> have to say, as <c>X-API-Key</c> or <c>Authorization: Bearer</c>. Unset: none is asked for.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Runs under way at a time; others wait their turn.</summary>
    [Range(1, 256, ErrorMessage = "LocalHost:MaxParallelRuns is 1 to 256.")]
    public int MaxParallelRuns { get; set; } = 4;

    /// <summary>The shortest pause between two listings of the inbox. Default half a second on Azurite, 1 s elsewhere.</summary>
    public TimeSpan? PollInterval { get; set; }

    /// <summary>What the pause grows to while nothing changes. Azurite is always asked at the shortest.</summary>
    public TimeSpan MaxPollInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often each batch is compared with its last report, whatever was seen to change.</summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long steps under way may take to end when the host is told to stop; what has not ended is resumed at the next start.</summary>
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(20);

    public bool ListensOnLoopbackOnly => Uri.TryCreate(Url, UriKind.Absolute, out var url) && url.IsLoopback;

    public TimeSpan PollIntervalFor(bool onAzurite) => PollInterval ?? TimeSpan.FromMilliseconds(onAzurite ? 500 : 1000);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || (!url.IsLoopback && !IPAddress.TryParse(url.Host, out _)))
        {
            yield return new ValidationResult("LocalHost:Url is an http or https address with an IP address or localhost, such as http://127.0.0.1:7080.", [nameof(Url)]);
        }
        else if (!url.IsLoopback && string.IsNullOrEmpty(ApiKey))
        {
            yield return new ValidationResult("LocalHost:Url is not a loopback address: set LocalHost:ApiKey, so that not everybody on the network can read and spend.", [nameof(ApiKey)]);
        }

        if (ApiKey is { Length: > 0 and < 16 }) yield return new ValidationResult("LocalHost:ApiKey has at least 16 characters.", [nameof(ApiKey)]);
        if (MaxPollInterval < TimeSpan.FromMilliseconds(100)) yield return new ValidationResult("LocalHost:MaxPollInterval is 0.1 s or more.", [nameof(MaxPollInterval)]);
        if (PollInterval < TimeSpan.FromMilliseconds(100)) yield return new ValidationResult("LocalHost:PollInterval is 0.1 s or more.", [nameof(PollInterval)]);
        if (SweepInterval < TimeSpan.FromSeconds(1)) yield return new ValidationResult("LocalHost:SweepInterval is 1 s or more.", [nameof(SweepInterval)]);
        if (ShutdownGrace < TimeSpan.Zero) yield return new ValidationResult("LocalHost:ShutdownGrace is not negative.", [nameof(ShutdownGrace)]);
    }
}
