using AzureOpenAISimulator;

namespace MultiModal.Browser.Tests;

/// <summary>The simulator, and the settings with which a host asks it.</summary>
internal static class SimulatedModels
{
    public static Task<SimulatorServer> StartAsync() => SimulatorServer.StartAsync();

    public static IEnumerable<string> Settings(SimulatorServer models) =>
    [
        $"AZURE_OPENAI_ENDPOINT={models.Endpoint}", $"AZURE_OPENAI_API_KEY={models.Key}",
        "Ai:Vision:Deployment=gpt-4o", "Ai:Text:Deployment=gpt-4o", "Ai:Speech:Deployment=whisper",
    ];
}
