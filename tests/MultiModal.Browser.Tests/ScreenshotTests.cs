using Microsoft.Playwright;

namespace MultiModal.Browser.Tests;

/// <summary>
/// The pictures of the documents show the sample batch as <c>./run</c> leaves it. <c>DASHBOARD_SCREENSHOTS=docs/images dotnet test
/// tests/MultiModal.Browser.Tests --filter Screenshot</c> makes them anew.
/// </summary>
[Collection(SharedChromium.Name)]
public sealed class ScreenshotTests(Chromium chromium)
{
    private const int MostBytes = 200_000;

    [SkippableFact]
    public async Task The_pictures_of_the_documents_are_made_of_the_sample_batch_and_are_small()
    {
        using var temporary = new TemporaryFolder();
        var folder = Environment.GetEnvironmentVariable("DASHBOARD_SCREENSHOTS") is { Length: > 0 } asked ? Repository.File(asked) : temporary.Path;
        Directory.CreateDirectory(folder);
        var desktop = await PageAsync(1280, 900, ColorScheme.Light);
        var town = await chromium.TownAsync();
        var pictures = new Dictionary<string, byte[]>();

        await desktop.GotoAsync(town.Host.AtBatch(Town.Batch));
        await desktop.Locator(".item").First.WaitForAsync();
        await ShootAsync("report.png", desktop);
        await desktop.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await ShootAsync("report-dark.png", desktop);
        await desktop.Locator("summary", new() { HasText = "recording.wav" }).ClickAsync();
        await desktop.Locator(".transcript button").Last.ClickAsync();
        await desktop.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await desktop.Locator(".player").ScrollIntoViewIfNeededAsync();
        await ShootAsync("recording-dark.png", desktop);
        await desktop.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await desktop.Locator("summary", new() { HasText = "harbour-sign.jpg" }).First.ClickAsync();
        await desktop.GetByRole(AriaRole.Button, new() { Name = "Compare original and sent" }).ClickAsync();
        await Assertions.Expect(desktop.GetByAltText("as it was sent")).ToBeVisibleAsync();
        await ShootAsync("pictures.jpg", desktop);

        var phone = await PageAsync(390, 844, ColorScheme.Light);
        await phone.GotoAsync(town.Host.AtBatch(Town.Batch, "timeline"));
        await phone.Locator(".timeline").WaitForAsync();
        await ShootAsync("phone.png", phone);

        Assert.All(pictures, picture => Assert.InRange(picture.Value.Length, 5_000, MostBytes));

        async Task<IPage> PageAsync(int width, int height, ColorScheme theme)
        {
            var page = await chromium.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = theme });
            await Town.EnterAsync(page);
            return page;
        }

        async Task ShootAsync(string name, IPage page)
        {
            var isPhoto = name.EndsWith(".jpg", StringComparison.Ordinal);
            pictures[name] = await page.ScreenshotAsync(new()
            {
                Path = Path.Combine(folder, name),
                Type = isPhoto ? ScreenshotType.Jpeg : ScreenshotType.Png,
                Quality = isPhoto ? 80 : null,
            });
        }
    }
}
