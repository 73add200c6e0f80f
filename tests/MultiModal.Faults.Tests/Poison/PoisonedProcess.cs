using Microsoft.Extensions.DependencyInjection;
using MultiModal.Pipeline.Images;

namespace MultiModal.Faults.Tests.Poison;

/// <summary>A process that carries out run 1 of a batch, by a decoder that some pictures end.</summary>
internal static class PoisonedProcess
{
    public static async Task<int> RunAsync(string storage, string batch)
    {
        await using var process = new PipelineProcess(
            storage,
            simulator: null,
            services => services.AddSingleton<IImageEngine, CrashingImageEngine>(),
            ("Ai:Vision:Engine", "Off"),
            ("Ai:Speech:Engine", "Off"),
            ("Ai:Text:Engine", "Off"));
        await process.RunAsync(batch);
        return 0;
    }
}
