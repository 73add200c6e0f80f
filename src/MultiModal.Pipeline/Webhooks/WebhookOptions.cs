using System.ComponentModel.DataAnnotations;

namespace MultiModal.Pipeline.Webhooks;

/// <summary>Configuration section <c>Webhooks</c>.</summary>
public sealed class WebhookOptions
{
    public const string Section = "Webhooks";

    /// <summary>Key of the signature; receivers know it too. Unset: deliveries carry no signature.</summary>
    public string? Secret { get; set; }

    /// <summary>Lets webhooks go to private, link-local and reserved addresses too. Default false: who can drop a <c>batch.json</c> can choose where they go.</summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>Seconds until a try is given up. Default 10.</summary>
    [Range(1, 300, ErrorMessage = "Webhooks:TimeoutSeconds is 1 to 300.")]
    public int TimeoutSeconds { get; set; } = 10;

    /// <summary>The wait after the first failed try; it triples each time, up to an hour. Default 5 s.</summary>
    public TimeSpan FirstRetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a delivery is tried. Default 24 hours.</summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromHours(24);
}
