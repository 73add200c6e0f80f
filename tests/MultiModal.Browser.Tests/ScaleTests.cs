using System.Globalization;
using Microsoft.Playwright;

namespace MultiModal.Browser.Tests;

/// <summary>A page is light, asks nobody but its host, and stays whole with very many items.</summary>
[Collection(SharedChromium.Name)]
public sealed class ScaleTests(Chromium chromium)
{
    private const int MostBytes = 150_000;
    private const int Many = 10_000;

    [SkippableTheory]
    [InlineData("")]
    [InlineData("new")]
    [InlineData("costs")]
    [InlineData("b/light")]
    [InlineData("b/light/timeline")]
    public async Task A_page_weighs_no_more_than_it_may_and_asks_nobody_but_its_host(string view)
    {
        var page = await chromium.NewPageAsync();
        await chromium.Host.KnowsAsync("light", Generated.Report("light", ["a.jpg", "b.txt"]));
        var bytes = new Dictionary<string, long>();
        var elsewhere = new List<string>();
        page.Response += (_, response) =>
        {
            var address = new Uri(response.Url);
            if (address.Authority != chromium.Host.Address.Authority) elsewhere.Add(response.Url);
            else if (address.AbsolutePath == "/" || address.AbsolutePath.StartsWith("/dashboard/", StringComparison.Ordinal))
            {
                bytes[address.AbsolutePath] =
                    response.Headers.TryGetValue("content-length", out var length) ? long.Parse(length, CultureInfo.InvariantCulture) : 0;
            }
        };

        await page.GotoAsync(chromium.Host.At(view));
        await page.GetByText("Connected").First.WaitForAsync();
        await page.Locator("main h1").WaitForAsync();
        if (view.StartsWith("b/light", StringComparison.Ordinal)) await page.Locator(".item summary, .timeline").First.ClickAsync();
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);

        Assert.Empty(elsewhere);
        Assert.All(bytes, file => Assert.True(file.Value > 0, file.Key));
        Assert.InRange(bytes.Values.Sum(), 60_000, MostBytes);
    }

    [SkippableFact]
    public async Task Ten_thousand_items_are_searched_and_scrolled_and_drawn_as_one_looks()
    {
        var page = await chromium.NewPageAsync();
        await chromium.Host.KnowsAsync("ten thousand", Generated.Report("ten thousand", Generated.Names(Many)));
        await page.GotoAsync(chromium.Host.AtBatch("ten thousand"));
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "10,000 items" })).ToBeVisibleAsync();
        var items = page.Locator(".item");
        Assert.InRange(await items.CountAsync(), 1, 200);

        await page.Locator(".items-more").ScrollIntoViewIfNeededAsync();
        await Assertions.Expect(items.Nth(100)).ToBeAttachedAsync();
        await page.GetByRole(AriaRole.Searchbox, new() { Name = "Search names and contents" }).FillAsync("Scan 09998");
        await Assertions.Expect(items).ToHaveCountAsync(1);

        await page.GotoAsync(chromium.Host.AtBatch("ten thousand", "timeline"));
        await Assertions.Expect(page.Locator(".timeline")).ToBeVisibleAsync();
    }
}
