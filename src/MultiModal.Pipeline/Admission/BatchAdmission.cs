using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Webhooks;

namespace MultiModal.Pipeline.Admission;

/// <summary>What this host admits of the options that a batch asks for in its <c>batch.json</c>: whoever can drop files writes it.</summary>
public sealed class BatchAdmission(WebhookRules webhooks)
{
    /// <returns>The options, or <c>invalid-batch-options</c> with a message that names the field.</returns>
    public Outcome<BatchOptions> Admit(BatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Webhook is { } webhook && webhooks.FindRefusal(new Uri(webhook)) is { } refusal
            ? BatchOptionsFile.Invalid($"\"webhook\" is not called by this host: {refusal}")
            : options;
    }
}
