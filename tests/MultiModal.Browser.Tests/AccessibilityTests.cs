using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace MultiModal.Browser.Tests;

/// <summary>axe finds nothing on any page, in either theme, and nothing is wider than a narrow window.</summary>
[Collection(SharedChromium.Name)]
public sealed class AccessibilityTests(Chromium chromium)
{
    private const int Width = 320;

    /// <summary>The rules that a theme can break; all others are run in the light one.</summary>
    private static readonly AxeRunOptions OfColours = new()
    {
        RunOnly = new RunOnlyOptions { Type = "rule", Values = ["color-contrast", "link-in-text-block", "scrollable-region-focusable"] },
    };

    private const string WhatIsWide = """
        [...document.querySelectorAll('main *, header *, dialog[open] *')]
          .filter(e => e.getBoundingClientRect().right > 321 && !e.closest('.scroll')).map(e => `${e.tagName}.${e.className}`).slice(0, 4).join(', ')
        """;

    [SkippableTheory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Axe_finds_no_violation_on_any_page(ColorScheme theme)
    {
        var page = await chromium.NewPageAsync(new() { ColorScheme = theme });
        var tour = await chromium.TourAsync();
        var found = new List<string>();
        await tour.WalkAsync(page, async place =>
        {
            var result = await page.RunAxe(theme == ColorScheme.Light ? new AxeRunOptions() : OfColours);
            found.AddRange(from violation in result.Violations
                           from node in violation.Nodes
                           select $"{place}: {violation.Id}: {node.Html} {string.Join(' ', node.Any.Select(check => check.Message))}");
        });

        Assert.Empty(found);
    }

    [SkippableFact]
    public async Task Nothing_is_wider_than_a_window_of_320_pixels()
    {
        var page = await chromium.NewPageAsync(new() { ViewportSize = new() { Width = Width, Height = 256 } });
        var tour = await chromium.TourAsync();
        var wide = new List<string>();
        await tour.WalkAsync(page, async place =>
        {
            var widest = await page.EvaluateAsync<int>("document.documentElement.scrollWidth");
            if (widest > Width) wide.Add($"{place}: {widest} pixels, by {await page.EvaluateAsync<string>(WhatIsWide)}");
        });

        Assert.Empty(wide);
    }
}
