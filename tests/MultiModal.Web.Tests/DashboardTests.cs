using System.Net;
using System.Text.RegularExpressions;

namespace MultiModal.Web.Tests;

[Collection(SharedAzurite.Name)]
public sealed partial class DashboardTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private ApiServer server = null!;

    public async Task InitializeAsync() => server = await ApiServer.StartAsync(await azurite.NewAccountAsync());

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/dashboard/dashboard.css", "text/css")]
    [InlineData("/dashboard/dashboard.js", "text/javascript")]
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
    public async Task The_script_writes_names_as_text_only()
    {
        var script = await server.Client.GetStringAsync(new Uri("/dashboard/dashboard.js", UriKind.Relative));

        Assert.DoesNotMatch(MarkupSinks(), script);
    }

    [GeneratedRegex(@"<script(?![^>]*\ssrc=)|\son\w+=|javascript:", RegexOptions.IgnoreCase)]
    private static partial Regex InlineScript();

    [GeneratedRegex(@"<style|\sstyle=", RegexOptions.IgnoreCase)]
    private static partial Regex InlineStyle();

    [GeneratedRegex(@"<(?:script|link)[^>]*\s(?:src|href)=""(?<address>[^""]+)""", RegexOptions.IgnoreCase)]
    private static partial Regex Loaded();

    [GeneratedRegex(@"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function")]
    private static partial Regex MarkupSinks();
}
