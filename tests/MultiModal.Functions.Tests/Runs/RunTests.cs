using Azure;
using MultiModal.Functions.Batches;
using MultiModal.Functions.Runs;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Content;

namespace MultiModal.Functions.Tests.Runs;

public sealed class RunTests
{
    private static readonly RunReference Run = new(BatchName.Parse("holiday"), 7);

    private static ItemKind?[] EveryKind => [ItemKind.Image, ItemKind.Audio, ItemKind.Text, null];

    public static TheoryData<string> ItemSteps { get; } =
    [
        "optimize-image 0.0", "analyze-image 0.0", "prepare-audio 1.0", "transcribe-audio 1.1", "read-text 2.0", "synthesize 0.0",
    ];

    public static TheoryData<string> StepsOfTheRun { get; } = ["take-inventory", "read-slice 0", "plan-synthesis 0", "write-report"];

    [Fact]
    public async Task Every_kind_goes_through_its_own_steps_once()
    {
        var steps = new ScriptedSteps(EveryKind);
        await using var host = await RunHost.StartAsync(steps);
        var result = await host.RunAsync(Run);

        Assert.Equal(new RunResult(7, RunStatus.Succeeded, new string('0', 64)), result);
        Assert.Equal(
            ["analyze-image 0.0", "optimize-image 0.0", "plan-synthesis 0", "prepare-audio 1.0", "read-slice 0", "read-text 2.0", "synthesize 0.0",
                "take-inventory", "transcribe-audio 1.0", "transcribe-audio 1.1", "write-report"],
            steps.Calls.Keys.Order(StringComparer.Ordinal));
        Assert.All(steps.Calls.Values, times => Assert.Equal(1, times));
        Assert.Equal(new RunProgress(4, 1, 1), host.Status);
        Assert.Equal(["deliver-webhooks", "forget-runs"], steps.AfterRun);
        Assert.True(host.Replays > 4, $"The orchestrators were replayed {host.Replays} times only.");
    }

    [Fact]
    public async Task A_run_makes_the_picture_for_which_its_inventory_asks_and_one_that_breaks_for_good_delays_no_report()
    {
        var steps = new ScriptedSteps(EveryKind) { Illustrated = true };
        await using var host = await RunHost.StartAsync(steps);
        Assert.NotNull(await host.RunAsync(Run));
        Assert.Equal((1, 1), (steps.Calls["generate-image"], steps.Calls["write-report"]));

        var broken = new ScriptedSteps(EveryKind) { Illustrated = true, Faults = { ["generate-image"] = [new InvalidOperationException("It is broken.")] } };
        await using var other = await RunHost.StartAsync(broken);
        Assert.NotNull(await other.RunAsync(Run));
        Assert.Equal((1, 1), (broken.Calls["generate-image"], broken.Calls["write-report"]));
    }

    [Theory]
    [MemberData(nameof(ItemSteps))]
    public async Task A_step_that_breaks_for_good_is_given_up_and_the_rest_goes_on(string broken)
    {
        var steps = new ScriptedSteps(EveryKind) { Faults = { [broken] = [new InvalidOperationException("It is broken.")] } };
        await using var host = await RunHost.StartAsync(steps);

        Assert.NotNull(await host.RunAsync(Run));
        Assert.Equal(1, steps.Calls[broken]);
        var others = new[] { "optimize-image 0.0", "prepare-audio 1.0", "read-text 2.0", "transcribe-audio 1.0", "synthesize 0.0" };
        Assert.All(
            others.Where(o => o != broken && !(broken == "prepare-audio 1.0" && o == "transcribe-audio 1.0")),
            other => Assert.Contains(other, steps.Calls.Keys));
        Assert.Equal(broken != "optimize-image 0.0", steps.Calls.ContainsKey("analyze-image 0.0"));
    }

    [Theory]
    [MemberData(nameof(ItemSteps))]
    [MemberData(nameof(StepsOfTheRun))]
    public async Task A_fault_of_storage_is_tried_again(string broken)
    {
        var steps = new ScriptedSteps(
            EveryKind) { Faults = { [broken] = [new RequestFailedException(503, "Busy."), new IOException("Gone."), new TimeoutException()] } };
        await using var host = await RunHost.StartAsync(steps);

        Assert.NotNull(await host.RunAsync(Run));
        Assert.Equal(4, steps.Calls[broken]);
        Assert.Equal(11, steps.Calls.Count);
    }

    [Theory]
    [MemberData(nameof(ItemSteps))]
    public async Task A_fault_of_storage_that_stays_is_given_up_after_four_tries(string broken)
    {
        var steps = new ScriptedSteps(EveryKind) { Faults = { [broken] = [new RequestFailedException(503, "Busy.")] }, BreaksForEver = true };
        await using var host = await RunHost.StartAsync(steps);

        Assert.NotNull(await host.RunAsync(Run));
        Assert.Equal(4, steps.Calls[broken]);
        Assert.Equal(1, steps.Calls["write-report"]);
    }

    [Theory]
    [MemberData(nameof(ItemSteps))]
    [MemberData(nameof(StepsOfTheRun))]
    public async Task A_step_whose_worker_goes_away_under_it_is_done_again_more_often_than_it_may_fail(string broken)
    {
        var steps = new ScriptedSteps(EveryKind) { Faults = { [broken] = [.. Enumerable.Repeat(new WorkerGoneException(), 6)] } };
        await using var host = await RunHost.StartAsync(steps);

        Assert.NotNull(await host.RunAsync(Run));
        Assert.Equal(7, steps.Calls[broken]);
        Assert.Equal(11, steps.Calls.Count);
    }

    [Theory]
    [MemberData(nameof(StepsOfTheRun))]
    public async Task Without_inventory_plan_or_report_the_run_ends_without_a_result(string broken)
    {
        var steps = new ScriptedSteps(EveryKind) { Faults = { [broken] = [new RequestFailedException(503, "Busy.")] }, BreaksForEver = true };
        await using var host = await RunHost.StartAsync(steps);

        Assert.Null(await host.RunAsync(Run));
        Assert.Equal(4, steps.Calls[broken]);

        // Runs that break for good leave no more state than others, and have no report to deliver.
        Assert.Equal(["forget-runs"], steps.AfterRun);
    }

    [Fact]
    public async Task If_pictures_cannot_be_compared_each_is_looked_at()
    {
        var steps = new ScriptedSteps([ItemKind.Image, ItemKind.Image])
        {
            Compares = true, Faults = { ["find-duplicates 0"] = [new RequestFailedException(503, "Busy.")] }, BreaksForEver = true,
        };
        await using var host = await RunHost.StartAsync(steps);

        Assert.NotNull(await host.RunAsync(Run));
        Assert.Equal(4, steps.Calls["find-duplicates 0"]);
        Assert.Equal((1, 1), (steps.Calls["analyze-image 0.0"], steps.Calls["analyze-image 1.0"]));
    }

    [Fact]
    public async Task A_storage_fault_that_will_not_pass_is_not_tried_again()
    {
        var steps = new ScriptedSteps(EveryKind) { Faults = { ["read-text 2.0"] = [new RequestFailedException(403, "Forbidden.")] } };
        await using var host = await RunHost.StartAsync(steps);

        Assert.NotNull(await host.RunAsync(Run));
        Assert.Equal(1, steps.Calls["read-text 2.0"]);
    }

    [Fact]
    public async Task A_batch_that_cannot_run_still_gets_its_report()
    {
        var steps = new ScriptedSteps([]) { InventoryFailure = new Failure(FailureCodes.InvalidBatchOptions, "batch.json: no.") };
        await using var host = await RunHost.StartAsync(steps);

        Assert.NotNull(await host.RunAsync(Run));
        Assert.Equal(["take-inventory", "write-report"], steps.Calls.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Parts_of_a_long_recording_are_done_in_histories_of_their_own()
    {
        var steps = new ScriptedSteps([ItemKind.Audio]) { Chunks = 120 };
        await using var host = await RunHost.StartAsync(steps);

        Assert.NotNull(await host.RunAsync(Run));
        Assert.All(steps.Calls.Values, times => Assert.Equal(1, times));
        Assert.Equal(120, steps.Calls.Keys.Count(c => c.StartsWith("transcribe-audio ", StringComparison.Ordinal)));
        var id = BatchSignals.InstanceOf(Run.Batch, Run.RunSeq);
        Assert.Equal(
            [id, $"{id}-item-0-0-120", $"{id}-item-0-0-50", $"{id}-item-0-100-20", $"{id}-item-0-50-50", $"{id}-slice-0"],
            host.Orchestrations.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task No_payload_reaches_16_KB_with_the_longest_name()
    {
        // Characters outside ASCII are written as six in JSON: the worst case.
        var run = new RunReference(BatchName.Parse(new string('界', BatchName.MaxLength)), int.MaxValue);
        await using var host = await RunHost.StartAsync(new ScriptedSteps([.. Enumerable.Repeat((ItemKind?)ItemKind.Audio, 120)]));

        Assert.NotNull(await host.RunAsync(run));
        Assert.InRange(host.LargestPayload, 6 * BatchName.MaxLength, (16 << 10) - 1);
    }
}
