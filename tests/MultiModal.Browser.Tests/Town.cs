using Microsoft.Playwright;

namespace MultiModal.Browser.Tests;

/// <summary>A host with a key and with the offline engines, as <c>./run</c> starts it, after a run over the sample batch.</summary>
internal sealed class Town : IAsyncDisposable
{
    public const string Key = "the-key-of-this-host";
    public const string Batch = "Harbour market";

    private Town(DashboardHost host) => Host = host;

    public DashboardHost Host { get; }

    public static async Task<Town> StartAsync(string storage)
    {
        var host = await DashboardHost.StartAsync(storage, models: null, $"LocalHost:ApiKey={Key}", "Ai:Vision:Engine=Offline");
        foreach (var path in Directory.EnumerateFiles(Repository.File("samples", "town")))
        {
            await host.DropAsync($"{Batch}/{Path.GetFileName(path)}", await File.ReadAllBytesAsync(path));
        }

        await host.RestsAsync(Batch);
        return new Town(host);
    }

    /// <summary>Enters the key, as if it had been typed in this tab.</summary>
    public static Task EnterAsync(IPage page) => page.AddInitScriptAsync($"sessionStorage.setItem('multimodal-key', '{Key}')");

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
