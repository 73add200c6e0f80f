using System.Text.Json;
using Microsoft.Playwright;

namespace MultiModal.Browser.Tests;

/// <summary>The form of a batch's options writes its batch.json, and says what the host refuses.</summary>
[Collection(SharedChromium.Name)]
public sealed class OptionsTests(Chromium chromium)
{
    [SkippableFact]
    public async Task Options_are_changed_in_a_form_that_keeps_what_it_does_not_show_and_says_what_is_refused()
    {
        var page = await chromium.NewPageAsync();
        var host = chromium.Host;
        await host.DropAsync("wishes/batch.json", """{ "start": "manual", "language": "en", "illustration": { "size": "1024x1024" } }"""u8.ToArray());
        await host.DropAsync("wishes/a.txt", "A note about the harvest."u8.ToArray());
        await page.GotoAsync(host.AtBatch("wishes"));
        await Assertions.Expect(page.GetByText("A run now costs nothing.")).ToBeVisibleAsync();

        await page.GetByText("More", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Options" }).ClickAsync();
        var form = page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(form.GetByLabel("Spoken")).ToHaveValueAsync("en");
        await form.GetByLabel("Webhook").FillAsync("https://127.0.0.1/hook");
        await form.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(form.GetByRole(AriaRole.Alert)).ToContainTextAsync("webhook");
        await form.GetByLabel("Webhook").FillAsync("");
        await form.GetByLabel("Spoken").FillAsync("de, en");
        await form.GetByLabel("Longest edge of images").FillAsync("512");
        await form.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        var stored = (await host.Account.Inbox.GetBlobClient("wishes/batch.json").DownloadContentAsync()).Value.Content;
        Assert.True(JsonElement.DeepEquals(
            JsonElement.Parse("""{ "illustration": { "size": "1024x1024" }, "languages": ["de", "en"], "maxEdge": 512, "start": "manual" }"""),
            JsonElement.Parse(stored.ToString())));
        await page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Region, new() { Name = "Summary" })).ToBeVisibleAsync();
    }
}
