using Microsoft.Playwright;
using MultiModal.Testing.Network;

namespace MultiModal.Browser.Tests;

/// <summary>The host asks for a key, goes away, and comes back.</summary>
[Collection(SharedChromium.Name)]
public sealed class HostTests(Chromium chromium)
{
    [SkippableFact]
    public async Task A_host_with_a_key_is_entered_with_it_and_its_absence_is_said_until_it_is_back()
    {
        var page = await chromium.NewPageAsync();
        var storage = chromium.NewAccount();
        string[] settings = [$"LocalHost:Url=http://127.0.0.1:{LoopbackPort.Free()}", "LocalHost:ApiKey=the-key-of-this-host"];
        await using (var host = await DashboardHost.StartAsync(storage, models: null, settings))
        {
            await host.KnowsAsync("Kept", Generated.Report("Kept", ["a.txt"]));
            await page.GotoAsync(host.AtBatch("Kept"));
            await TypeKeyAsync(page, "not the key");
            await Assertions.Expect(page.GetByText("The host did not accept this key.")).ToBeVisibleAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Not now" }).ClickAsync();
            await Assertions.Expect(page.GetByText("This host asks for a key.")).ToBeVisibleAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Enter the key" }).ClickAsync();
            await TypeKeyAsync(page, "the-key-of-this-host");
            await Assertions.Expect(page.GetByRole(AriaRole.Region, new() { Name = "Summary" })).ToBeVisibleAsync();
        }

        await Assertions.Expect(page.GetByText("The host does not answer")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Region, new() { Name = "Summary" })).ToBeVisibleAsync();

        await using var again = await DashboardHost.StartAsync(storage, models: null, settings);
        await Assertions.Expect(page.GetByText("Connected")).ToBeVisibleAsync();
    }

    private static async Task TypeKeyAsync(IPage page, string key)
    {
        await page.GetByLabel("API key").FillAsync(key);
        await page.Keyboard.PressAsync("Enter");
    }
}
