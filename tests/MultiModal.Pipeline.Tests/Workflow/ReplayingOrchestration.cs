using System.Text;
using System.Text.Json;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Steps;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Pipeline.Tests.Workflow;

/// <summary>
/// Runs orchestrator code as Durable Functions does: on one thread, replayed from the start each time a step completes,
/// with every input and result going through JSON. It fails where a replay schedules another step than the first pass did,
/// where the code leaves its thread, and where it awaits something that is no step.
/// </summary>
internal sealed class ReplayingOrchestration(IStepCaller activities, int seed)
{
    private readonly Random random = new(seed);

    public int LargestPayload { get; private set; }

    public string? LargestPayloadOf { get; private set; }

    public int Replays { get; private set; }

    /// <summary>Steps and further histories that the longest of all histories has scheduled.</summary>
    public int LongestHistory { get; private set; }

    public async Task<T> RunAsync<T>(Func<IStepCaller, Task<T>> code)
    {
        var history = new List<Call>();
        var completions = new List<int>();
        while (true)
        {
            Replays++;
            var pass = new Pass(this, history);
            var outcome = pass.ReplayAsync(code, completions);
            LongestHistory = Math.Max(LongestHistory, history.Count);
            if (outcome is not null) return await outcome;

            var open = history.Where(c => c.Result is null && c.Fault is null).ToList();
            Assert.True(open.Count > 0, "The workflow awaits something that is no step.");

            // A random, non-empty part of what is open completes before the next replay.
            var next = open.OrderBy(_ => random.Next()).Take(open.Count <= 4 ? random.Next(1, open.Count + 1) : open.Count).ToList();
            foreach (var call in next)
            {
                await call.ExecuteAsync();
                completions.Add(call.Index);
            }
        }
    }

    private void Weigh(string json, string name)
    {
        var bytes = Encoding.UTF8.GetByteCount(json);
        if (bytes <= LargestPayload) return;
        LargestPayload = bytes;
        LargestPayloadOf = name;
    }

    private sealed class Call(int index, string name, string input, Func<Task<string>> execute)
    {
        public int Index { get; } = index;

        public string Name { get; } = name;

        public string Input { get; } = input;

        public string? Result { get; private set; }

        public Exception? Fault { get; private set; }

        public async Task ExecuteAsync()
        {
            try
            {
                Result = await execute();
            }
            catch (InvalidOperationException e)
            {
                Fault = e;
            }
        }
    }

    private sealed class Pass(ReplayingOrchestration orchestration, List<Call> history) : SynchronizationContext, IStepCaller
    {
        private readonly Queue<Action> queue = new();
        private readonly Dictionary<int, Action<Call>> waiting = [];
        private readonly int thread = Environment.CurrentManagedThreadId;
        private int scheduled;
        private string? violation;

        public Task<T>? ReplayAsync<T>(Func<IStepCaller, Task<T>> code, List<int> completions)
        {
            var outer = Current;
            SetSynchronizationContext(this);
            try
            {
                var task = code(this);
                Pump();
                foreach (var index in completions)
                {
                    Assert.True(waiting.Remove(index, out var complete), $"The replay did not schedule call {index} before it completed.");
                    complete(history[index]);
                    Pump();
                }

                Assert.Null(violation);
                return task.IsCompleted ? task : null;
            }
            finally
            {
                SetSynchronizationContext(outer);
            }
        }

        public override void Post(SendOrPostCallback d, object? state)
        {
            if (Environment.CurrentManagedThreadId != thread) violation = "The workflow continued on another thread.";
            else queue.Enqueue(() => d(state));
        }

        public Task<SliceTally> RunSliceAsync(SliceReference slice) =>
            ScheduleAsync("run-slice", slice, s => orchestration.RunAsync(steps => BatchWorkflow.RunSliceAsync(steps, s)));

        public Task<PartsTally> RunPartsAsync(PartsReference parts) =>
            ScheduleAsync("run-parts", parts, p => orchestration.RunAsync(steps => BatchWorkflow.RunPartsAsync(steps, p)));

        public Task<TResult> CallAsync<TInput, TResult>(Step<TInput, TResult> step, TInput input) where TInput : IStepInput =>
            ScheduleAsync(step.Name, input, i => orchestration.Activities.CallAsync(step, i));

        private void Pump()
        {
            while (queue.TryDequeue(out var action)) action();
        }

        private Task<TResult> ScheduleAsync<TInput, TResult>(string name, TInput input, Func<TInput, Task<TResult>> activity)
        {
            if (Environment.CurrentManagedThreadId != thread) violation = $"{name} was called on another thread.";
            var json = JsonSerializer.Serialize(input, PipelineJson.Options);
            orchestration.Weigh(json, $"input of {name}");
            var index = scheduled++;
            if (index == history.Count)
            {
                history.Add(new Call(index, name, json, async () =>
                {
                    var result = JsonSerializer.Serialize(
                        await activity(JsonSerializer.Deserialize<TInput>(json, PipelineJson.Options)!), PipelineJson.Options);
                    orchestration.Weigh(result, $"result of {name}");
                    return result;
                }));
            }

            Assert.Equal((history[index].Name, history[index].Input), (name, json));
            var source = new TaskCompletionSource<TResult>();
            waiting[index] = call =>
            {
                if (call.Fault is { } fault) source.SetException(fault);
                else source.SetResult(JsonSerializer.Deserialize<TResult>(call.Result!, PipelineJson.Options)!);
            };
            return source.Task;
        }
    }

    private IStepCaller Activities => activities;
}
