
namespace MultiModal.Faults.Tests.Budgets;

/// <summary>A process that carries out run 1 of a batch, paying from the day's budget, two calls at a time.</summary>
internal static class PayingProcess
{
    /// <param name="storage">Connection string of the media account.</param>
    /// <param name="endpoint">Of the models.</param>
    /// <param name="key">For the models.</param>
    /// <param name="batch">What to run.</param>
    /// <param name="budget">USD a day.</param>
    public static async Task<int> RunAsync(string storage, string endpoint, string key, string batch, string budget)
    {
        await using var process = new PipelineProcess(
            storage,
            simulator: null,
            ("AZURE_OPENAI_ENDPOINT", endpoint),
            ("AZURE_OPENAI_API_KEY", key),
            ("Ai:Vision:Deployment", "gpt-4o"),
            ("Ai:Speech:Engine", "Off"),
            ("Ai:Text:Engine", "Offline"),
            ("Ai:TimeoutSeconds", "30"),
            ("Pipeline:MaxParallelSteps", "2"),
            ("Budget:PerDayUsd", budget));
        await process.RunAsync(batch);
        return 0;
    }
}
