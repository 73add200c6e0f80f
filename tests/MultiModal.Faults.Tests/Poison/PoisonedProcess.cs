using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MultiModal.Pipeline;
using MultiModal.Pipeline.Batches;
using MultiModal.Pipeline.Images;
using MultiModal.Pipeline.Registration;
using MultiModal.Pipeline.Workflow;

namespace MultiModal.Faults.Tests.Poison;

/// <summary>A process that carries out run 1 of a batch, by a decoder that some pictures end.</summary>
internal static class PoisonedProcess
{
    public static async Task<int> Run(string storage, string batch)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Storage:ConnectionString"] = storage,
            ["Ai:Vision:Engine"] = "Off",
            ["Ai:Speech:Engine"] = "Off",
            ["Ai:Text:Engine"] = "Off",
        }).Build();
        var collection = new ServiceCollection();
        collection.AddLogging();
        collection.AddSingleton<IImageEngine, CrashingImageEngine>();
        collection.AddMultiModalPipeline(configuration);
        await using var services = collection.BuildServiceProvider();
        var steps = new LocalSteps(
            services.GetRequiredService<BatchActivities>(),
            services.GetRequiredService<StepSlots>(),
            services.GetRequiredService<IOptions<PipelineOptions>>(),
            TimeProvider.System,
            NullLogger<LocalSteps>.Instance,
            CancellationToken.None);
        await BatchWorkflow.Run(steps, new RunReference(BatchName.Parse(batch), 1));
        return 0;
    }
}
