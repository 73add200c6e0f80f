using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Client.Entities;
using Microsoft.DurableTask.Entities;

namespace MultiModal.Functions.Tests.Upkeep;

/// <summary>A task hub as its client shows it: it has the instances that a test gave it, and notes the signals that entities are sent.</summary>
internal sealed class TaskHub() : DurableTaskClient("test")
{
    private readonly SignalledEntities entities = new();

    public Dictionary<string, OrchestrationMetadata> Instances { get; } = [];

    public List<(EntityInstanceId Entity, string Operation, object? Input)> Signals => entities.Signals;

    public override DurableEntityClient Entities => entities;

    public override Task<OrchestrationMetadata?> GetInstancesAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        Task.FromResult(Instances.GetValueOrDefault(instanceId));

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public override Task<string> ScheduleNewOrchestrationInstanceAsync(
        TaskName orchestratorName, object? input = null, StartOrchestrationOptions? options = null, CancellationToken cancellation = default) =>
        throw new NotSupportedException();

    public override Task RaiseEventAsync(
        string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default) =>
            throw new NotSupportedException();

    public override Task<OrchestrationMetadata> WaitForInstanceStartAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) => throw new NotSupportedException();

    public override Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) => throw new NotSupportedException();

    public override Task SuspendInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        throw new NotSupportedException();

    public override Task ResumeInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        throw new NotSupportedException();

    public override AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null) => throw new NotSupportedException();

    private sealed class SignalledEntities() : DurableEntityClient("test")
    {
        public List<(EntityInstanceId Entity, string Operation, object? Input)> Signals { get; } = [];

        public override Task SignalEntityAsync(
            EntityInstanceId id, string operationName, object? input = null, SignalEntityOptions? options = null,
            CancellationToken cancellation = default)
        {
            Signals.Add((id, operationName, input));
            return Task.CompletedTask;
        }

        public override Task<EntityMetadata?> GetEntityAsync(
            EntityInstanceId id, bool includeState = true, CancellationToken cancellation = default) => throw new NotSupportedException();

        public override Task<EntityMetadata<T>?> GetEntityAsync<T>(
            EntityInstanceId id, bool includeState = true, CancellationToken cancellation = default) => throw new NotSupportedException();

        public override AsyncPageable<EntityMetadata> GetAllEntitiesAsync(EntityQuery? filter = null) => throw new NotSupportedException();

        public override AsyncPageable<EntityMetadata<T>> GetAllEntitiesAsync<T>(EntityQuery? filter = null) => throw new NotSupportedException();

        public override Task<CleanEntityStorageResult> CleanEntityStorageAsync(
            CleanEntityStorageRequest? request = null, bool continueUntilComplete = true, CancellationToken cancellation = default) =>
            throw new NotSupportedException();
    }
}
