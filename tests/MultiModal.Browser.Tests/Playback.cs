using Microsoft.Playwright;

namespace MultiModal.Browser.Tests;

/// <summary>The recording that a page plays.</summary>
internal static class Playback
{
    /// <summary>Waits until the recording stands at a time that fits.</summary>
    /// <param name="page">The page.</param>
    /// <param name="what">What is waited for.</param>
    /// <param name="fits">Says it of a time in seconds.</param>
    public static Task StandsAsync(this IPage page, string what, Func<double, bool> fits) => Eventually.IsAsync(what, async () =>
        fits(await page.EvaluateAsync<double>("document.querySelector('audio').currentTime")) ? page : null);
}
