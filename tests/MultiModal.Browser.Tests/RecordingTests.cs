using System.Globalization;
using Microsoft.Playwright;

namespace MultiModal.Browser.Tests;

/// <summary>A recording is heard, and its words lead and follow.</summary>
[Collection(SharedChromium.Name)]
public sealed class RecordingTests(Chromium chromium)
{
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_recording_is_played_and_sought_by_its_words_and_by_its_waveform(bool hasKey)
    {
        var page = await chromium.NewPageAsync();
        var host = hasKey ? (await chromium.TownAsync()).Host : chromium.Host;
        var batch = hasKey ? Town.Batch : (await chromium.TourAsync()).Batch;
        if (hasKey) await Town.EnterAsync(page);

        await page.GotoAsync(host.AtBatch(batch));
        await page.Locator("summary", new() { HasText = "recording.wav" }).ClickAsync();
        var words = page.Locator(".transcript button");
        await words.First.WaitForAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Play" }).ClickAsync();
        await page.StandsAsync("some of it is heard", at => at > 0.2);
        await Assertions.Expect(words.First).ToHaveAttributeAsync("aria-current", "true");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();

        var start = await words.Last.Locator(".time").TextContentAsync();
        await words.Last.ClickAsync();
        var seconds = int.Parse(start!.Split(':')[1], CultureInfo.InvariantCulture);
        await page.StandsAsync("it plays the last line", at => at >= seconds);
        await Assertions.Expect(words.Last).ToHaveAttributeAsync("aria-current", "true");

        await page.GetByRole(AriaRole.Slider, new() { Name = "Position in the recording" }).PressAsync("Home");
        await page.StandsAsync("it is at its beginning", at => at < 2);
        var address = await page.EvaluateAsync<string>("document.querySelector('audio').currentSrc");
        Assert.DoesNotContain(Town.Key, address, StringComparison.Ordinal);
        Assert.True(await page.EvaluateAsync<bool>("!document.querySelector('.wave').classList.contains('bare')"));

        // A canvas paints black where it does not know a colour.
        var colour = "getComputedStyle(document.querySelector('.wave canvas')).getPropertyValue('--ahead')";
        Assert.StartsWith("rgb(", await page.EvaluateAsync<string>(colour), StringComparison.Ordinal);
    }
}
