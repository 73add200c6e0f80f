using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace MultiModal.Browser.Tests;

/// <summary>
/// Three people who see the dashboard for the first time: each drops three files, sees them at work, reads and hears what they say, and finds
/// what it cost.
/// </summary>
[Collection(SharedChromium.Name)]
public sealed partial class VisitorTests(Chromium chromium)
{
    [SkippableFact]
    public async Task A_visitor_with_a_mouse_drops_three_files_and_finds_what_they_say_and_cost()
    {
        var page = await chromium.NewPageAsync();
        await page.GotoAsync(chromium.Host.At());
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Drop files in" })).ToBeVisibleAsync();

        await page.DropAsync(1100, 700, Sample.ThreeFiles);
        await SeesItAtWorkAsync(page);
        await ReadsTheReportAsync(page);
        await page.Locator("summary", new() { HasText = "recording.wav" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Play" }).ClickAsync();
        await HearsTheRecordingAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "Cost", Exact = true }).ClickAsync();
        await FindsTheCostAsync(page);
    }

    [SkippableFact]
    public async Task A_visitor_with_the_keyboard_alone_chooses_three_files_and_finds_what_they_say_and_cost()
    {
        var page = await chromium.NewPageAsync();
        await page.GotoAsync(chromium.Host.At());
        await Expect(page.GetByText("No batches yet.").Or(page.Locator("#batches a").First)).ToBeVisibleAsync();

        var choosing = page.WaitForFileChooserAsync();
        await TabToAsync(page, "Skip to content");
        await page.Keyboard.PressAsync("Enter");
        await TabToAsync(page, "Choose files");
        await page.Keyboard.PressAsync("Enter");
        await (await choosing).SetFilesAsync(Sample.ThreeFiles);
        await SeesItAtWorkAsync(page);
        Assert.Equal("H1", await page.EvaluateAsync<string>("document.activeElement.tagName"));
        await ReadsTheReportAsync(page);

        await TabToAsync(page, "recording.wav");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Button, new() { Name = "Play" }).WaitForAsync();
        await TabToAsync(page, "Play");
        await page.Keyboard.PressAsync("Enter");
        await HearsTheRecordingAsync(page);
        for (var tab = 0; tab < 60 && await FocusedAsync(page) != "Cost"; tab++) await page.Keyboard.PressAsync("Shift+Tab");
        await page.Keyboard.PressAsync("Enter");
        await FindsTheCostAsync(page);
    }

    [SkippableFact]
    public async Task A_visitor_on_a_phone_chooses_three_files_and_finds_what_they_say_and_cost()
    {
        var size = new ViewportSize { Width = 390, Height = 844 };
        var page = await chromium.NewPageAsync(new() { ViewportSize = size, IsMobile = true, HasTouch = true, DeviceScaleFactor = 2 });
        await page.GotoAsync(chromium.Host.At());

        var chooser = await page.RunAndWaitForFileChooserAsync(() => page.GetByRole(AriaRole.Button, new() { Name = "Choose files" }).TapAsync());
        await chooser.SetFilesAsync(Sample.ThreeFiles);
        await SeesItAtWorkAsync(page);
        await ReadsTheReportAsync(page);
        await page.Locator("summary", new() { HasText = "recording.wav" }).TapAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Play" }).TapAsync();
        await HearsTheRecordingAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "Cost", Exact = true }).TapAsync();
        await FindsTheCostAsync(page);
    }

    private static async Task SeesItAtWorkAsync(IPage page)
    {
        await Expect(page).ToHaveURLAsync(BatchAddress());
        var uploaded = page.Locator("#uploads").GetByText("3 files uploaded");
        var running = page.Locator(".head .pill.busy");
        await Expect(uploaded.Or(running).Or(page.GetByRole(AriaRole.Region, new() { Name = "Summary" })).First).ToBeVisibleAsync();
    }

    private static async Task ReadsTheReportAsync(IPage page)
    {
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Summary" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "3 items" })).ToBeVisibleAsync();
        await Expect(page.Locator(".item .pill.good")).ToHaveCountAsync(3);
    }

    private static async Task HearsTheRecordingAsync(IPage page)
    {
        await page.StandsAsync("some of the recording is heard", at => at > 0.2);
        await Expect(page.Locator(".transcript button[aria-current]")).ToContainTextAsync("Recording");
    }

    private static async Task FindsTheCostAsync(IPage page)
    {
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "What this run cost" }).GetByText(Dollars()).First).ToBeVisibleAsync();
        var steps = page.GetByRole(AriaRole.Table, new() { Name = "Cost by step" });
        await Expect(steps.GetByRole(AriaRole.Rowheader, new() { Name = "Transcribe" })).ToBeVisibleAsync();
    }

    /// <summary>Presses Tab until something with this name has the focus.</summary>
    private static async Task TabToAsync(IPage page, string name)
    {
        for (var tab = 0; tab < 80; tab++)
        {
            await page.Keyboard.PressAsync("Tab");
            if ((await FocusedAsync(page)).Contains(name, StringComparison.Ordinal)) return;
        }

        Assert.Fail($"The Tab key never came to \"{name}\".");
    }

    private static Task<string> FocusedAsync(IPage page) =>
        page.EvaluateAsync<string>(
        "(at => at.matches('a, button, summary') ? (at.getAttribute('aria-label') ?? at.textContent).trim() : '')(document.activeElement)");

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);

    private static IPageAssertions Expect(IPage page) => Assertions.Expect(page);

    [GeneratedRegex("#/b/")]
    private static partial Regex BatchAddress();

    [GeneratedRegex(@"^\$0\.\d+")]
    private static partial Regex Dollars();
}
