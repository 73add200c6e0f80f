using MultiModal.Pipeline.Batches;

namespace MultiModal.Pipeline.Tests.Batches;

public sealed class BatchHoldTests
{
    [Theory]
    [InlineData(HoldReason.Upload, "upload-incomplete", "An upload into this batch has not been completed: ")]
    [InlineData(HoldReason.Start, "batch-held", "Its batch.json says \"start\": \"manual\", or ")]
    [InlineData(null, "batch-held", "Its batch.json says \"start\": \"manual\", or ")]
    public void A_held_batch_says_what_it_waits_for_and_how_it_is_started(HoldReason? reason, string code, string said)
    {
        var hold = BatchHold.Of(BatchPhase.Held, reason, isEmpty: false)!;
        Assert.Equal(code, hold.Code);
        Assert.StartsWith(said, hold.Message, StringComparison.Ordinal);
        Assert.EndsWith("Start it over HTTP (POST /api/batches/{batch}/start) or in the dashboard.", hold.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_incomplete_upload_is_completed_by_the_same_command() => Assert.Contains(
        "Run the same command again to complete it, or use the batch as it is.", BatchHold.Of(BatchPhase.Held, HoldReason.Upload, false)!.Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData(BatchPhase.Held, true)]
    [InlineData(BatchPhase.Quiet, false)]
    [InlineData(BatchPhase.Running, false)]
    [InlineData(BatchPhase.Resting, false)]
    public void A_batch_that_is_empty_or_not_held_waits_for_nobody(BatchPhase phase, bool isEmpty) =>
        Assert.Null(BatchHold.Of(phase, HoldReason.Upload, isEmpty));
}
