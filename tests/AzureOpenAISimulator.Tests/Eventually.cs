namespace AzureOpenAISimulator.Tests;

/// <summary>Waits for what another thread is about to do; the limit only ends a test that has failed.</summary>
internal static class Eventually
{
    public static async Task IsTrueAsync(Func<bool> condition, Action? meanwhile = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            meanwhile?.Invoke();
            await Task.Delay(5, limit.Token);
        }
    }
}
