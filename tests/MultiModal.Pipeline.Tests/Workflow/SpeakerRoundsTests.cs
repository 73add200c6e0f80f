using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Steps;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Pipeline.Tests.Workflow;

/// <summary>How long a recording takes whose speakers are told apart, in a time in which every step takes as long as a piece.</summary>
public sealed class SpeakerRoundsTests
{
    private static readonly ItemReference Recording = new(new RunReference(BatchName.Parse("talk"), 1), 0);

    [Fact]
    public async Task Six_hours_take_no_longer_than_three_pieces_one_after_the_other()
    {
        // Pieces of 400 s.
        var steps = new StepsInRounds(pieces: 54, firstAlone: true);
        await steps.RunAsync();
        Assert.Equal([["prepare 0"], ["transcribe 0"], [.. Transcribed(1, 53)], ["transcribe 54"]], steps.Rounds);
    }

    [Fact]
    public async Task Without_speakers_all_pieces_are_heard_at_once_and_a_single_piece_needs_no_comparison()
    {
        var together = new StepsInRounds(pieces: 54, firstAlone: false);
        await together.RunAsync();
        Assert.Equal([["prepare 0"], [.. Transcribed(0, 54)]], together.Rounds);

        var alone = new StepsInRounds(pieces: 1, firstAlone: true);
        await alone.RunAsync();
        Assert.Equal([["prepare 0"], ["transcribe 0"]], alone.Rounds);
    }

    private static IEnumerable<string> Transcribed(int first, int count) => Enumerable.Range(first, count).Select(part => $"transcribe {part}");

    /// <summary>Steps that begin at the same moment end at the same moment: what is asked meanwhile is the next round.</summary>
    private sealed class StepsInRounds(int pieces, bool firstAlone) : IStepCaller
    {
        private readonly List<(string Call, TaskCompletionSource Ended)> begun = [];

        public List<string[]> Rounds { get; } = [];

        public async Task RunAsync()
        {
            var run = BatchWorkflow.RunSliceAsync(this, new SliceReference(Recording.Run, 0, PartsApart: true));
            while (begun.Count > 0)
            {
                var round = begun.ToList();
                begun.Clear();
                Rounds.Add([.. round.Select(step => step.Call)]);
                foreach (var (_, ended) in round) ended.SetResult();
            }

            Assert.True(run.IsCompletedSuccessfully);
            Assert.Equal(1, (await run).Completed);
        }

        public Task<SliceTally> RunSliceAsync(SliceReference slice) => BatchWorkflow.RunSliceAsync(this, slice);

        public Task<PartsTally> RunPartsAsync(PartsReference parts) => BatchWorkflow.RunPartsAsync(this, parts);

        public async Task<TResult> CallAsync<TInput, TResult>(Step<TInput, TResult> step, TInput input) where TInput : IStepInput
        {
            if (input is SliceReference) return (TResult)(object)new SlicePlan([Content.ItemKind.Audio]);
            var item = (ItemReference)(object)input;
            var isPrepared = step.Name == PrepareAudioStep.Definition.Name;
            var ended = new TaskCompletionSource();
            begun.Add(($"{(isPrepared ? "prepare" : "transcribe")} {item.Part}", ended));
            await ended.Task;
            return (TResult)(object)new StepResult(
                StepStatus.Succeeded, Parts: isPrepared ? pieces : 1, FirstAlone: isPrepared && firstAlone);
        }
    }
}
