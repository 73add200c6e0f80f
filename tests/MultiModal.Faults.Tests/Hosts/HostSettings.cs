using AzureOpenAISimulator;

namespace MultiModal.Faults.Tests.Hosts;

/// <summary>Of a host whose batches come to rest quickly.</summary>
internal static class HostSettings
{
    /// <summary>The local host's.</summary>
    public static string[] For(string storage, SimulatorServer simulator, params string[] more) =>
        [$"Storage:ConnectionString={storage}", .. Local(simulator), .. more];

    /// <summary>The local host's, where an identity signs in to storage.</summary>
    public static string[] For(StorageProxy storage, SimulatorServer simulator) => [.. ByIdentity(storage), .. Local(simulator)];

    /// <summary>The media account of any host, where an identity signs in to it.</summary>
    public static string[] ByIdentity(StorageProxy storage) =>
        [$"Storage:BlobServiceUri={storage.Blobs}", $"Storage:TableServiceUri={storage.Tables}"];

    private static string[] Local(SimulatorServer simulator) =>
    [
        "LocalHost:Url=http://127.0.0.1:0",
        "LocalHost:PollInterval=00:00:00.2",
        "LocalHost:SweepInterval=00:00:05",
        "LocalHost:ShutdownGrace=00:00:02",
        .. Pipeline(simulator),
    ];

    /// <summary>Of any host.</summary>
    public static string[] Pipeline(SimulatorServer simulator) =>
    [
        "Storage:TimeoutSeconds=10",
        "Pipeline:QuietPeriod=00:00:00.4",
        "Pipeline:StepRetryDelay=00:00:00.2",
        $"AZURE_OPENAI_ENDPOINT={simulator.Endpoint}",
        $"AZURE_OPENAI_API_KEY={simulator.Key}",
        "Ai:Vision:Deployment=gpt-4o",
        "Ai:Text:Deployment=gpt-4o",
        "Ai:Speech:Deployment=whisper",
        "Ai:ImageGeneration:Deployment=gpt-image-2",
        "Ai:ImageGeneration:MaxUsd=0.05",
    ];
}
