using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Testing;
using Microsoft.DurableTask.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MultiModal.Functions.Batches;
using MultiModal.Functions.Runs;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Runs;
using MultiModal.Pipeline.Steps;

namespace MultiModal.Functions.Tests.Runs;

/// <summary>
/// The real orchestrators and their steps on a durable task hub in memory, which replays them as Azure does. It has no
/// entities: the signal that ends a run is left out here and seen on a real host.
/// </summary>
internal sealed class RunHost : IAsyncDisposable
{
    private static readonly PipelineOptions Quick = new() { StepRetryDelay = TimeSpan.FromMilliseconds(1) };

    private readonly DurableTaskTestHost host;
    private readonly WeighingConverter payloads;
    private readonly StrongBox<int> replays;
    private readonly ConcurrentDictionary<string, bool> orchestrations;

    private RunHost(
        DurableTaskTestHost host, WeighingConverter payloads, StrongBox<int> replays, ConcurrentDictionary<string, bool> orchestrations) =>
        (this.host, this.payloads, this.replays, this.orchestrations) = (host, payloads, replays, orchestrations);

    public int LargestPayload => payloads.LargestBytes;

    public string? LargestPayloadIs => payloads.Largest;

    /// <summary>How often an orchestrator was run from its start.</summary>
    public int Replays => replays.Value;

    /// <summary>Ids of all orchestrations that were run.</summary>
    public IEnumerable<string> Orchestrations => orchestrations.Keys;

    public static Task<RunHost> StartAsync(ScriptedSteps steps) => StartAsync(tasks =>
    {
        Add<RunReference, InventoryResult>(tasks, TakeInventoryStep.StepName, (_, _) => steps.TakeInventory());
        Add<SliceReference, SlicePlan>(tasks, ReadSliceStep.StepName, (_, slice) => steps.ReadSlice(slice));
        Add<DuplicateSearch, DuplicatesFound>(tasks, FindDuplicatesStep.StepName, (_, search) => steps.Find(search));
        foreach (var step in new[] { StepNames.OptimizeImage, StepNames.AnalyzeImage, StepNames.PrepareAudio, StepNames.TranscribeAudio,
            StepNames.ReadText })
        {
            Add<ItemReference, StepResult>(tasks, step, steps.Item);
        }

        Add<SynthesisLevel, SynthesisPlan>(tasks, PlanSynthesisStep.StepName, (_, level) => steps.Plan(level));
        Add<SynthesisNode, StepResult>(tasks, StepNames.Synthesize, (_, node) => steps.Synthesize(node));
        Add<RunReference, StepResult>(tasks, StepNames.GenerateImage, (_, _) => steps.GenerateImage());
        Add<RunReference, RunResult>(tasks, WriteReportStep.StepName, (_, run) => steps.WriteReport(run));
        foreach (var activity in new[] { StepFunctions.Deliver, StepFunctions.ForgetRuns })
        {
            tasks.AddActivityFunc<RunReference>(activity, (_, _) => steps.DoAfterRun(activity));
        }

        static void Add<TInput, TResult>(DurableTaskRegistry tasks, string step, Func<string, TInput, TResult> body) where TInput : notnull =>
            tasks.AddActivityFunc<TInput, TResult>(step, async (_, input) =>
            {
                try
                {
                    return await StepFunctions.TranslateFaultsAsync(_ => Task.FromResult(body(step, input)), CancellationToken.None);
                }
                catch (StepFaultException e) when (e.InnerException is WorkerGoneException gone)
                {
                    throw gone;
                }
            });
    });

    public static Task<RunHost> StartAsync(StepFunctions steps) => StartAsync(tasks =>
    {
        foreach (var method in typeof(StepFunctions).GetMethods())
        {
            if (method.GetCustomAttribute<FunctionAttribute>() is { } function) tasks.AddActivity(
                function.Name, (ITaskActivity)new FunctionActivity(steps, method));
        }
    });

    /// <returns>Null where the run could not be brought to a report.</returns>
    public async Task<RunResult?> RunAsync(RunReference run)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        var id = await host.Client.ScheduleNewOrchestrationInstanceAsync(
            nameof(RunFunctions.RunBatch), run, new StartOrchestrationOptions(BatchSignals.InstanceOf(run.Batch, run.RunSeq)), patience.Token);
        var ended = await host.Client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, patience.Token);
        Assert.True(ended.RuntimeStatus == OrchestrationRuntimeStatus.Completed, ended.FailureDetails?.ToString());
        Status = ended.ReadCustomStatusAs<RunProgress>();
        return ended.ReadOutputAs<RunResult>();
    }

    /// <summary>What the last run showed of itself at its end.</summary>
    public RunProgress? Status { get; private set; }

    public ValueTask DisposeAsync() => host.DisposeAsync();

    private static async Task<RunHost> StartAsync(Action<DurableTaskRegistry> activities)
    {
        var functions = new RunFunctions(Options.Create(Quick));
        var (payloads, replays, orchestrations) = (new WeighingConverter(), new StrongBox<int>(), new ConcurrentDictionary<string, bool>());
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var host = await DurableTaskTestHost.StartAsync(
                    Register,
                    new DurableTaskTestHostOptions
                    {
                        ConfigureServices = services =>
                        {
                            services.Configure<DurableTaskWorkerOptions>(worker => worker.DataConverter = payloads);
                            services.Configure<DurableTaskClientOptions>(client => client.DataConverter = payloads);
                        },
                    });
                return new RunHost(host, payloads, replays, orchestrations);
            }
            catch (IOException e) when (e.InnerException is AddressInUseException && attempt < 20)
            {
                // It draws its port from 30,000 to 40,000 at random, where another process's outgoing connection can lie.
            }
        }

        void Register(DurableTaskRegistry tasks)
        {
            tasks.AddOrchestratorFunc<RunReference, RunResult?>(nameof(RunFunctions.RunBatch), (context, run) => Counted(context, async () =>
            {
                var result = await functions.RunAsync(context, run);
                await RunFunctions.AfterRunAsync(context, run, result);
                return result;
            }));
            tasks.AddOrchestratorFunc<SliceReference, SliceTally>(
                nameof(RunFunctions.RunSlice), (context, slice) => Counted(context, () => functions.RunSlice(context, slice)));
            tasks.AddOrchestratorFunc<PartsReference, PartsTally>(
                nameof(RunFunctions.RunParts), (context, parts) => Counted(context, () => functions.RunParts(context, parts)));
            activities(tasks);
        }

        T Counted<T>(TaskOrchestrationContext context, Func<T> orchestrator)
        {
            orchestrations.TryAdd(context.InstanceId, default);
            Interlocked.Increment(ref replays.Value);
            return orchestrator();
        }
    }

    /// <summary>A function of the app as an activity.</summary>
    private sealed class FunctionActivity(StepFunctions steps, MethodInfo method) : ITaskActivity
    {
        public Type InputType => method.GetParameters()[0].ParameterType;

        public Type OutputType => method.ReturnType.IsGenericType ? method.ReturnType.GetGenericArguments()[0] : typeof(object);

        public async Task<object?> RunAsync(TaskActivityContext context, object? input)
        {
            var task = (Task)method.Invoke(steps, [input, CancellationToken.None])!;
            await task;
            return method.ReturnType.IsGenericType ? method.ReturnType.GetProperty(nameof(Task<object>.Result))!.GetValue(task) : null;
        }
    }
}
