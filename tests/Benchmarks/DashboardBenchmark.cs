using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;

namespace MultiModal.Benchmarks;

/// <summary>
/// How long a browser takes from a key or a turn of the wheel to the picture that follows it, on the page of a batch with many items and on an empty
/// page. With 500 items, the median is at most 100 ms above that of the empty page. The page is the dashboard's own, and answers of the API are made
/// here.
/// </summary>
internal static class DashboardBenchmark
{
    private const string Host = "http://dashboard.test/";
    private const string Typed = "Scan 0012";
    private const string EmptyPage = "<input id=field><div style='height:99999px'></div>";
    private const int Scrolls = 20;
    private const int PromisedItems = 500;
    private const double MostMs = 100;

    /// <summary>Milliseconds from an event until its second frame has begun, by which the first has been painted.</summary>
    private const string ToThePicture = """
        () => new Promise(done => {
          const start = performance.now();
          requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
        })
        """;

    public static async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions { ExecutablePath = Tool.PathOf("chromium"), Args = ["--no-sandbox", "--disable-gpu"] });
        var (emptyTyping, emptyScrolling) = await MeasureAsync(browser, items: null, cancellationToken);
        Console.WriteLine(Line("an empty page", emptyTyping, emptyScrolling));
        var kept = true;
        foreach (var items in new[] { PromisedItems, 10_000 })
        {
            var (typing, scrolling) = await MeasureAsync(browser, items, cancellationToken);
            Console.WriteLine(Line($"{items} items", typing, scrolling));
            if (items == PromisedItems) kept = typing <= emptyTyping + MostMs && scrolling <= emptyScrolling + MostMs;
        }

        return kept;
    }

    private static string Line(string page, double typing, double scrolling) =>
        string.Create(CultureInfo.InvariantCulture, $"{page}: a key {typing:F0} ms, a turn of the wheel {scrolling:F0} ms");

    /// <returns>The medians of typing and of scrolling, in milliseconds.</returns>
    private static async Task<(double Typing, double Scrolling)> MeasureAsync(IBrowser browser, int? items, CancellationToken cancellationToken)
    {
        await using var context = await browser.NewContextAsync();
        var page = await context.NewPageAsync();
        await page.RouteAsync($"{Host}**", route => AnswerAsync(route, items));
        await page.GotoAsync(items is null ? $"{Host}empty" : $"{Host}#/b/many");
        var field = page.Locator(items is null ? "#field" : "#find");
        await field.ClickAsync();

        var typing = new List<double>();
        foreach (var key in Typed)
        {
            cancellationToken.ThrowIfCancellationRequested();
            typing.Add(await TimedAsync(page, () => page.Keyboard.TypeAsync(key.ToString())));
        }

        await field.FillAsync("");
        var scrolling = new List<double>();
        await page.Mouse.MoveAsync(700, 500);
        for (var turn = 0; turn < Scrolls; turn++) scrolling.Add(await TimedAsync(page, () => page.Mouse.WheelAsync(0, 600)));
        return (Median(typing), Median(scrolling));
    }

    private static async Task<double> TimedAsync(IPage page, Func<Task> act)
    {
        await act();
        return await page.EvaluateAsync<double>(ToThePicture);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static Task AnswerAsync(IRoute route, int? items)
    {
        var path = new Uri(route.Request.Url).AbsolutePath;
        if (path == "/empty") return route.FulfillAsync(new() { ContentType = "text/html", Body = EmptyPage });
        var file = path == "/" ? "index.html" : path.StartsWith("/dashboard/", StringComparison.Ordinal) ? Path.GetFileName(path) : null;
        return file is not null ? route.FulfillAsync(new() { Path = Repository.File("src", "MultiModal.Web", "Dashboard", "Assets", file) })
            : path == "/healthz" ? JsonAsync(route, new { status = "healthy", host = "local", warnings = Array.Empty<object>() })
            : path == "/api/batches" ? JsonAsync(route, new { batches = Array.Empty<object>(), next = (string?)null })
            : path == "/api/batches/many" ? JsonAsync(route, Details())
            : path == "/api/batches/many/report" ? JsonAsync(route, Report(items ?? 0))
            : route.FulfillAsync(new() { Status = 404 });
    }

    private static Task JsonAsync(IRoute route, object answer) =>
        route.FulfillAsync(new() { ContentType = "application/json", Body = JsonSerializer.Serialize(answer, JsonSerializerOptions.Web) });

    private static object Details() => new
    {
        batch = "many",
        status = "succeeded",
        runSeq = 1,
        finishedAt = DateTimeOffset.UnixEpoch,
        progress = (object?)null,
        runs = new[] { new { runSeq = 1, report = "" } },
    };

    private static object Report(int items) => new
    {
        runSeq = 1,
        startedAt = DateTimeOffset.UnixEpoch,
        notes = Array.Empty<string>(),
        items = Enumerable.Range(0, items).Select(n => new
        {
            name = $"folder {n % 7}/Scan {n:D5}.txt",
            kind = "text",
            bytes = 1000 + n,
            status = n % 50 == 49 ? "failed" : "succeeded",
            text = string.Join(' ', Enumerable.Repeat($"Note {n} about the harvest and the market.", 25)),
            steps = Array.Empty<object>(),
        }),
        ignored = 0,
        cost = new { spentUsd = 0, savedByOptimizingUsd = 0, savedByCacheUsd = 0, unpriced = Array.Empty<string>() },
        timing = new { wallClockMs = 1, sequentialMs = 1, speedup = (double?)null },
    };
}
