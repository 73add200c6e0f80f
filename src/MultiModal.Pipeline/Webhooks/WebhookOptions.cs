using System.ComponentModel.DataAnnotations;

namespace MultiModal.Pipeline.Webhooks;

/// <summary>Configuration section <c>Webhooks</c>: the completion webhooks.</summary>
public sealed class WebhookOptions
{
    public const string Section = "Webhooks";

    /// <summary>
    /// Key of the signature, which receivers must know too: text, or <c>whsec_</c> and Base64. If unset, deliveries have no signature.
    /// </summary>
    public string? Secret { get; set; }

    /// <summary>
    /// Where receivers reach this host, such as <c>https://media.example.org</c>: the addresses in a delivery begin with it. If unset, they are
    /// relative to the host.
    /// </summary>
    public string? PublicUrl { get; set; }

    /// <summary>
    /// Whether webhooks may go to private, link-local and reserved addresses. Anybody who can drop a <c>batch.json</c> chooses where they go.
    /// </summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>
    /// Whether webhooks may name the loopback interface of this machine, over HTTP too. The local host's own port is never called, and on
    /// Azure Functions this setting is refused.
    /// </summary>
    public bool AllowLoopback { get; set; }

    /// <summary>Seconds after which an attempt is given up.</summary>
    [Range(1, 300, ErrorMessage = "Webhooks:TimeoutSeconds must be from 1 to 300.")]
    public int TimeoutSeconds { get; set; } = 10;

    /// <summary>The wait after the first failed attempt. It triples each time, up to an hour.</summary>
    public TimeSpan FirstRetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a delivery is attempted.</summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromHours(24);
}
