using MultiModal.Pipeline.Batches;

namespace MultiModal.Pipeline.Webhooks;

/// <summary>A completion that is still to be posted: <c>state/webhooks/{batch key}-{runSeq}.json</c>.</summary>
public sealed record WebhookDelivery
{
    public required BatchName Batch { get; init; }

    public required int RunSeq { get; init; }

    public required RunStatus Status { get; init; }

    /// <summary>URL that the completion is posted to.</summary>
    public required string Address { get; init; }

    public required DateTimeOffset NotedAt { get; init; }

    public required DateTimeOffset DueAt { get; init; }

    /// <summary>Number of failed tries.</summary>
    public int Failed { get; init; }
}
