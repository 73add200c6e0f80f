using System.Text.Json;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Entities;
using MultiModal.Functions.Batches;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;

namespace MultiModal.Functions.Tests.Batches;

/// <summary>One entity of a task hub: its committed state, and what its operations sent, all of it through JSON.</summary>
internal sealed class EntityHub(Func<BatchEntity> activate, BatchName batch)
{
    private string? state;

    /// <summary>Null where the entity keeps nothing.</summary>
    public BatchState? State => state is null ? null : JsonSerializer.Deserialize<BatchState>(state, PipelineJson.Options);

    public List<(string Operation, string Input, DateTimeOffset? At)> Signals { get; } = [];

    public List<(string Instance, string Input)> Started { get; } = [];

    public async Task CallAsync(string operation, object input)
    {
        var call = new Operation(this, operation, JsonSerializer.Serialize(input, input.GetType(), PipelineJson.Options));
        await activate().RunAsync(call);
        call.Commit();
    }

    /// <summary>An operation whose host dies after it is done and before it is committed.</summary>
    public async Task CallAndDieAsync(string operation, object input) =>
        await activate().RunAsync(new Operation(this, operation, JsonSerializer.Serialize(input, input.GetType(), PipelineJson.Options)));

    private sealed class Operation(EntityHub hub, string name, string input) : TaskEntityOperation
    {
        private readonly Context context = new(BatchSignals.EntityOf(hub.Batch));
        private readonly StateOf state = new(hub.state);

        public override string Name => name;

        public override TaskEntityContext Context => context;

        public override TaskEntityState State => state;

        public override bool HasInput => true;

        public override object? GetInput(Type inputType) => JsonSerializer.Deserialize(input, inputType, PipelineJson.Options);

        public void Commit()
        {
            hub.state = state.Json;
            hub.Signals.AddRange(context.Signals);
            hub.Started.AddRange(context.Started);
        }
    }

    private BatchName Batch => batch;

    private sealed class StateOf(string? json) : TaskEntityState
    {
        public string? Json { get; private set; } = json;

        public override bool HasState => Json is not null;

        public override object? GetState(Type type) => Json is null ? null : JsonSerializer.Deserialize(Json, type, PipelineJson.Options);

        public override void SetState(object? state) =>
            Json = state is null ? null : JsonSerializer.Serialize(state, state.GetType(), PipelineJson.Options);
    }

    private sealed class Context(EntityInstanceId id) : TaskEntityContext
    {
        public List<(string Operation, string Input, DateTimeOffset? At)> Signals { get; } = [];

        public List<(string Instance, string Input)> Started { get; } = [];

        public override EntityInstanceId Id => id;

        public override void SignalEntity(EntityInstanceId target, string operationName, object? input = null, SignalEntityOptions? options = null)
        {
            Assert.Equal(id, target);
            Signals.Add((operationName, JsonSerializer.Serialize(input, PipelineJson.Options), options?.SignalTime));
        }

        public override string ScheduleNewOrchestration(TaskName name, object? input = null, StartOrchestrationOptions? options = null)
        {
            Assert.Equal("RunBatch", name.Name);
            Started.Add((options!.InstanceId!, JsonSerializer.Serialize(input, PipelineJson.Options)));
            return options.InstanceId!;
        }
    }
}
