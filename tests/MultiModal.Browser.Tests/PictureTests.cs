using Microsoft.Playwright;
using MultiModal.Pipeline.Testing.Images;

namespace MultiModal.Browser.Tests;

/// <summary>Pictures are seen as they were dropped and as they were sent.</summary>
[Collection(SharedChromium.Name)]
public sealed class PictureTests(Chromium chromium)
{
    [SkippableFact]
    public async Task A_picture_is_compared_with_what_was_sent_of_it_and_what_that_saved()
    {
        var page = await chromium.NewPageAsync();
        foreach (var (name, seed) in new[] { ("first.jpg", 4711), ("second.jpg", 4712) })
        {
            await chromium.Host.DropAsync($"pictures/{name}", TestImage.Photo(seed, 1600, 1200));
        }

        await chromium.Host.RestsAsync("pictures");
        await page.GotoAsync(chromium.Host.AtBatch("pictures"));
        await Assertions.Expect(page.Locator(".thumb img")).ToHaveCountAsync(2);
        await SeenAsync(page.Locator(".thumb img").First);

        await page.Locator("summary", new() { HasText = "second.jpg" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Compare original and sent" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "second.jpg" });
        Assert.Equal((1600, 1200), await SeenAsync(dialog.GetByAltText("as it was dropped")));
        Assert.Equal((1024, 768), await SeenAsync(dialog.GetByAltText("as it was sent")));
        await Assertions.Expect(dialog.GetByRole(AriaRole.Row, new() { Name = "Size in pixels" })).ToContainTextAsync("−59 %");
        await Assertions.Expect(dialog.GetByRole(AriaRole.Row, new() { Name = "Tokens in" })).ToBeVisibleAsync();
        await Assertions.Expect(dialog.GetByRole(AriaRole.Row, new() { Name = "Price" })).ToContainTextAsync("$0.00");

        await page.Keyboard.PressAsync("ArrowLeft");
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog, new() { Name = "first.jpg" })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        Assert.Equal("Compare original and sent", await page.EvaluateAsync<string>("document.activeElement.textContent"));
    }

    /// <returns>Width and height of a picture that the browser has decoded.</returns>
    private static async Task<(int Width, int Height)> SeenAsync(ILocator picture)
    {
        await Assertions.Expect(picture).ToBeVisibleAsync();
        var size = await picture.EvaluateAsync<int[]>("image => [image.naturalWidth, image.naturalHeight]");
        return (size[0], size[1]);
    }
}
