using Microsoft.Extensions.Options;
using MultiModal.Pipeline.Inventory;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Pipeline.Text;

/// <summary><c>read-text</c>.</summary>
internal sealed class TextSteps(StepRunner steps, InboxReader inbox, IOptions<TextOptions> textOptions)
{
    public Task<StepResult> Read(ItemReference item, CancellationToken cancellationToken) =>
        steps.Run(item, StepNames.ReadText, async (subject, token) =>
        {
            var opened = await inbox.Open(subject.BlobName, subject.ETag, token);
            if (!opened.Succeeded) return StepWork.Failed(opened.Failure);
            await using var content = opened.Value;
            var text = await InboxReader.Watch(() => TextDecoder.DecodeAsync(content, textOptions.Value, token));
            return (text.Succeeded ? StepWork.Of(text.Value) : StepWork.Failed(text.Failure)) with { Parts = 0 };
        }, cancellationToken);
}
