using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace MultiModal.Browser.Tests;

/// <summary>What the page of a batch claims, and what can be found on it.</summary>
[Collection(SharedChromium.Name)]
public sealed class ReportTests(Chromium chromium)
{
    [SkippableTheory]
    [InlineData(null, false)]
    [InlineData(1.1, false)]
    [InlineData(1.2, true)]
    public async Task A_speedup_that_may_be_chance_is_not_claimed(double? speedup, bool isClaimed)
    {
        var page = await chromium.NewPageAsync();
        var batch = $"quick {speedup ?? 0}";
        await chromium.Host.KnowsAsync(batch, Generated.Report(batch, ["a.txt"], speedup: speedup));

        await page.GotoAsync(chromium.Host.AtBatch(batch));
        await page.Locator(".tile").First.WaitForAsync();

        Assert.Equal(isClaimed ? 1 : 0, await page.GetByText("as fast as one after the other").CountAsync());
        Assert.Equal(isClaimed ? 0 : 1, await page.GetByText("at work, all steps together").CountAsync());
    }

    [SkippableFact]
    public async Task A_report_shows_its_picture_or_says_why_there_is_none()
    {
        var page = await chromium.NewPageAsync();
        var report = JsonSerializer.SerializeToNode(Generated.Report("drawn", ["a.txt"]), JsonSerializerOptions.Web)!;
        report["illustration"] = new JsonObject { ["file"] = "runs/1/illustration.png", ["error"] = null };
        await chromium.Host.KnowsAsync("drawn", report);
        await chromium.Host.Account.Results.GetBlobClient("drawn/runs/1/illustration.png").UploadAsync(new BinaryData(Png.Grey(96, 64)));
        await page.GotoAsync(chromium.Host.AtBatch("drawn"));
        var picture = page.GetByRole(AriaRole.Img, new() { Name = "Illustration of the report" });
        await Assertions.Expect(picture).ToBeVisibleAsync();
        Assert.Equal(96, await picture.EvaluateAsync<int>("image => image.naturalWidth"));

        report["illustration"] = new JsonObject
        {
            ["file"] = null, ["error"] = new JsonObject { ["code"] = "budget-exceeded", ["message"] = "It would cost too much." },
        };
        await chromium.Host.KnowsAsync("spared", report);
        await page.GotoAsync(chromium.Host.AtBatch("spared"));
        await Assertions.Expect(page.GetByText("It would cost too much.")).ToBeVisibleAsync();
        await Assertions.Expect(picture).ToHaveCountAsync(0);
    }

    [SkippableFact]
    public async Task Items_are_found_by_any_part_of_their_names_and_words_in_any_case_and_are_filtered_and_sorted()
    {
        var page = await chromium.NewPageAsync();
        await chromium.Host.KnowsAsync("find", Generated.Report("find", Generated.Names(100)));
        await page.GotoAsync(chromium.Host.AtBatch("find"));
        var search = page.GetByRole(AriaRole.Searchbox, new() { Name = "Search names and contents" });
        var items = page.Locator(".item");

        await search.FillAsync("sCAN 00042");
        await Assertions.Expect(items).ToHaveCountAsync(1);
        await Assertions.Expect(page.GetByText("1 item found")).ToBeAttachedAsync();
        await search.FillAsync("picture 33 OF");
        await Assertions.Expect(items).ToHaveCountAsync(1);
        await search.FillAsync("nobody wrote this");
        await Assertions.Expect(page.GetByText("No item matches.")).ToBeVisibleAsync();
        await search.FillAsync("");
        await page.GetByLabel("Outcome").SelectOptionAsync("failed");
        await Assertions.Expect(items).ToHaveCountAsync(2);
        await page.GetByLabel("Outcome").SelectOptionAsync("");
        await page.GetByLabel("Kind").SelectOptionAsync("text");
        await page.GetByLabel("Order", new() { Exact = true }).Last.SelectOptionAsync("size");
        await Assertions.Expect(items.First).ToContainTextAsync("Scan 00098.txt");
        Assert.Equal("SELECT", await page.EvaluateAsync<string>("document.activeElement.tagName === 'BODY' ? 'BODY' : 'SELECT'"));
    }

    [SkippableFact]
    public async Task A_batch_is_deleted_only_after_it_was_asked_for_twice()
    {
        var page = await chromium.NewPageAsync();
        await chromium.Host.KnowsAsync("Doomed", Generated.Report("Doomed", ["a.txt"]));
        await page.GotoAsync(chromium.Host.AtBatch("Doomed"));

        await page.GetByText("More", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep it" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Doomed", Exact = true })).ToBeVisibleAsync();
        await page.GetByText("More", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Drop files in" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Doomed" })).ToHaveCountAsync(0);
    }

    [SkippableFact]
    public async Task Batches_are_found_by_any_part_of_their_names()
    {
        var page = await chromium.NewPageAsync();
        foreach (var batch in new[] { "Zebra crossing", "the old zebra", "giraffe" })
        {
            await chromium.Host.KnowsAsync(batch, Generated.Report(batch, ["a.txt"]));
        }

        await page.GotoAsync(chromium.Host.At());

        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("ZEBRA");

        await Assertions.Expect(page.Locator("#batches a")).ToHaveCountAsync(2);
        Assert.Equal("search", await page.EvaluateAsync<string>("document.activeElement.id"));
    }
}
