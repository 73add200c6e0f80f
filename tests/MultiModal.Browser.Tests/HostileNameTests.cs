using System.Text.RegularExpressions;

namespace MultiModal.Browser.Tests;

/// <summary>Names and texts of strangers show what is hidden in them, and stay text.</summary>
[Collection(SharedChromium.Name)]
public sealed partial class HostileNameTests(Chromium chromium)
{
    [SkippableFact]
    public async Task Names_that_turn_text_around_or_hold_markup_are_isolated_and_show_it()
    {
        const string Batch = "photo_\u202Egpj.exe";
        var page = await chromium.NewPageAsync();
        string[] items = ["cod.\u202Etxt", "<img src=x onerror=alert(1)>.txt", "\u200Bnothing.txt"];
        await chromium.Host.KnowsAsync(Batch, Generated.Report(Batch, items, "A \u202Esummary <script>alert(1)</script>."));
        var dialogs = 0;
        page.Dialog += (_, dialog) =>
        {
            dialogs++;
            _ = dialog.DismissAsync();
        };

        await page.GotoAsync(chromium.Host.AtBatch(Batch));
        await page.Locator(".item").First.WaitForAsync();

        var content = await page.ContentAsync();
        Assert.Equal(2, Regex.Count(content, Regex.Escape(@"<bdi>photo_\u202Egpj.exe</bdi>")));
        Assert.Equal(@"cod.\u202Etxt", await page.Locator(".item bdi").First.TextContentAsync());
        Assert.Equal(items[1], await page.Locator(".item").Nth(1).Locator(".name").TextContentAsync());
        Assert.Contains(@"A \u202Esummary", await page.Locator(".summary").TextContentAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("\u202E", Tag().Replace(content, ""), StringComparison.Ordinal);
        Assert.Equal(@"photo_\u202Egpj.exe · MultiModal", await page.TitleAsync());
        Assert.Equal(0, dialogs);
    }

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();
}
