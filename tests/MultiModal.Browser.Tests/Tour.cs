using Microsoft.Playwright;

namespace MultiModal.Browser.Tests;

/// <summary>A walk through all that the dashboard shows.</summary>
internal sealed class Tour
{
    private const string Busy = "busy";

    private readonly DashboardHost host;

    private Tour(DashboardHost host, string batch) => (this.host, Batch) = (host, batch);

    /// <summary>The batch that has been run.</summary>
    public string Batch { get; }

    /// <summary>Runs the batch that is shown, with a file that is broken and names that are long.</summary>
    public static async Task<Tour> PrepareAsync(DashboardHost host, string batch)
    {
        foreach (var name in new[] { "harbour-sign.jpg", "recording.wav", "note.md", "broken.jpg", "IMG_0042 copy.jpg" })
        {
            await host.DropAsync($"{batch}/{name}", Sample.Read(name));
        }

        var longName = $"{new string('w', 80)}/Minutes of the meeting about the harbour.txt";
        await host.DropAsync($"{batch}/{longName}", "The doctor called the teacher in the morning."u8.ToArray());
        await host.RestsAsync(batch);
        return new Tour(host, batch);
    }

    /// <summary>Shows each place in turn.</summary>
    /// <param name="page">The page.</param>
    /// <param name="look">What is done at each place; its name is given.</param>
    public async Task WalkAsync(IPage page, Func<string, Task> look)
    {
        await page.GotoAsync(host.At());
        await page.Locator("#batches a").First.WaitForAsync();
        await look("home");

        await page.GotoAsync(host.At("new"));
        await page.GetByText("More options").ClickAsync();
        await look("new");

        await page.GotoAsync(host.AtBatch(Batch));
        await page.GetByRole(AriaRole.Region, new() { Name = "Summary" }).WaitForAsync();
        await look("report");

        await page.Locator("summary", new() { HasText = "recording.wav" }).ClickAsync();
        await page.Locator(".transcript button").First.WaitForAsync();
        await page.Locator("summary", new() { HasText = "harbour-sign.jpg" }).First.ClickAsync();
        await page.Locator(".item .words").First.WaitForAsync();
        await page.Locator("summary", new() { HasText = "broken.jpg" }).ClickAsync();
        await look("items");

        await page.GetByRole(AriaRole.Button, new() { Name = "Compare original and sent" }).ClickAsync();
        await page.GetByRole(AriaRole.Img, new() { Name = "harbour-sign.jpg as it was sent" }).WaitForAsync();
        await look("lightbox");
        await page.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Estimate" }).ClickAsync();
        await page.Locator(".estimate").WaitForAsync();
        await look("estimate");

        await page.GetByText("More", new() { Exact = true }).ClickAsync();
        await look("menu");
        await page.GetByRole(AriaRole.Button, new() { Name = "Options" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await look("options");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();

        await page.GetByText("More", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await look("delete");
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep it" }).ClickAsync();

        await page.GotoAsync(host.AtBatch(Batch, "timeline"));
        await page.GetByText("As a table").ClickAsync();
        await page.GetByRole(AriaRole.Table, new() { Name = "Steps by their time" }).WaitForAsync();
        await look("timeline");

        await page.GotoAsync(host.AtBatch(Batch, "cost"));
        await page.GetByRole(AriaRole.Table, new() { Name = "Cost by step" }).WaitForAsync();
        await look("cost");

        foreach (var by in new[] { "day", "model", "batch" })
        {
            await page.GotoAsync(host.At($"costs?by={by}"));
            await page.GetByRole(AriaRole.Table, new() { Name = $"Costs by {by}" }).WaitForAsync();
            await look($"costs by {by}");
        }

        await page.RouteAsync($"**/api/batches/{Busy}?*", route => route.FulfillAsync(new() { Json = Generated.Running(Busy) }));
        await page.GotoAsync(host.AtBatch(Busy));
        await page.GetByRole(AriaRole.Region, new() { Name = "Progress" }).GetByText("failed so far").ClickAsync();
        await look("progress");

        await page.GotoAsync(host.AtBatch("there is no such batch"));
        await page.GetByRole(AriaRole.Heading, new() { Name = "There is no such batch" }).WaitForAsync();
        await look("no batch");
    }
}
