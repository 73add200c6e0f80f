using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using MultiModal.Pipeline;
using MultiModal.Testing.Files;
using MultiModal.Testing.Programs;

namespace MultiModal.Web.Tests;

[Collection(SharedAzurite.Name)]
public sealed partial class DashboardTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly string[] DumpsItsPage = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=10000", "--dump-dom"];

    private ApiServer server = null!;

    public async Task InitializeAsync() => server = await ApiServer.StartAsync(await azurite.NewAccountAsync());

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/dashboard/base.css", "text/css")]
    [InlineData("/dashboard/dashboard.js", "text/javascript")]
    [InlineData("/dashboard/visible.js", "text/javascript")]
    [InlineData("/dashboard/icon.svg", "image/svg+xml")]
    public async Task The_page_and_its_parts_forbid_all_that_they_do_not_need(string address, string type)
    {
        using var response = await server.Client.GetAsync(new Uri(address, UriKind.Relative));

        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
    }

    [Fact]
    public async Task A_part_that_the_browser_has_is_not_sent_again()
    {
        using var first = await server.Client.GetAsync(new Uri("/dashboard/dashboard.js", UriKind.Relative));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/dashboard/dashboard.js");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var again = await server.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    [Fact]
    public async Task The_page_holds_no_script_or_style_of_its_own_and_loads_only_what_is_served_here()
    {
        var page = await server.Client.GetStringAsync(new Uri("/", UriKind.Relative));

        Assert.DoesNotMatch(InlineScript(), page);
        Assert.DoesNotMatch(InlineStyle(), page);
        foreach (Match link in Loaded().Matches(page))
        {
            using var response = await server.Client.GetAsync(new Uri(link.Groups["address"].Value, UriKind.Relative));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task The_modules_write_names_as_text_only()
    {
        foreach (var module in Modules())
        {
            var script = await server.Client.GetStringAsync(new Uri($"/dashboard/{module}", UriKind.Relative));
            Assert.DoesNotMatch(MarkupSinks(), script);
        }
    }

    [Fact]
    public async Task Each_file_of_the_dashboard_is_served_by_its_name_and_nothing_else_is()
    {
        foreach (var file in Assets().Where(name => name != "index.html"))
        {
            using var response = await server.Client.GetAsync(new Uri($"/dashboard/{file}", UriKind.Relative));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        foreach (var file in new[] { "index.html", "openapi.json", "types.d.ts", "..%2Fopenapi.json" })
        {
            using var response = await server.Client.GetAsync(new Uri($"/dashboard/{file}", UriKind.Relative));
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    [Fact]
    public async Task The_dashboard_shows_the_same_characters_as_escapes_as_the_pipeline()
    {
        var module = Repository.File("src", "MultiModal.Web", "Dashboard", "Assets", "visible.js");
        var script = $$"""
            import { visible } from {{System.Text.Json.JsonSerializer.Serialize(new Uri(module).AbsoluteUri)}};
            const changed = [];
            for (let c = 0; c <= 0x10ffff; c++) {
              if (c >= 0xd800 && c <= 0xdfff) continue;
              const text = String.fromCodePoint(c);
              if (visible(text) !== text) changed.push(visible(text));
            }
            console.log(changed.join('\n'));
            """;

        var changed = await Tool.RunAsync("node", "--no-warnings", "--input-type=module", "--eval", script);

        var expected = Enumerable.Range(0, 0x110000).Where(Rune.IsValid).Select(c => new Rune(c).ToString())
            .Where(text => VisibleText.OfLines(text) != text).Select(VisibleText.OfLines);
        Assert.Equal(expected, changed.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [SkippableFact]
    public async Task A_model_that_has_ended_is_a_line_that_opens_to_say_what_to_do()
    {
        Skip.IfNot(Tool.IsInstalled("chromium"), "Chromium is not installed.");
        await using var warning = await ApiServer.StartAsync(
            await azurite.NewAccountAsync(), ("AZURE_OPENAI_ENDPOINT", "https://mine.openai.azure.com"), ("Ai:Vision:Engine", "Off"),
            ("Ai:Text:Engine", "Off"), ("Ai:Speech:Deployment", "whisper"));
        warning.Time.Advance(TimeSpan.FromDays(60));

        var page = Tag().Replace(await Tool.RunAsync("chromium", [.. DumpsItsPage, warning.Client.BaseAddress!.ToString()]), "");

        Assert.Contains("Connected, with warnings", page, StringComparison.Ordinal);
        Assert.Contains("whisper ended on 2026-12-15", page, StringComparison.Ordinal);
        Assert.Contains("Deploy its successor, gpt-4o-mini-transcribe, and set Ai:Speech:Deployment", page, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Assets() =>
        Directory.EnumerateFiles(Repository.File("src", "MultiModal.Web", "Dashboard", "Assets")).Select(path => Path.GetFileName(path));

    private static IEnumerable<string> Modules() => Assets().Where(name => name.EndsWith(".js", StringComparison.Ordinal));

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"<script(?![^>]*\ssrc=)|\son\w+=|javascript:", RegexOptions.IgnoreCase)]
    private static partial Regex InlineScript();

    [GeneratedRegex(@"<style|\sstyle=", RegexOptions.IgnoreCase)]
    private static partial Regex InlineStyle();

    [GeneratedRegex(@"<(?:script|link)[^>]*\s(?:src|href)=""(?<address>[^""]+)""", RegexOptions.IgnoreCase)]
    private static partial Regex Loaded();

    [GeneratedRegex(@"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function")]
    private static partial Regex MarkupSinks();
}
