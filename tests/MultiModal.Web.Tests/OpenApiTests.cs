using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using MultiModal.Web.Batches;
using MultiModal.Web.Edge;

namespace MultiModal.Web.Tests;

[Collection(SharedAzurite.Name)]
public sealed partial class OpenApiTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private ApiServer server = null!;

    public async Task InitializeAsync() => server = await ApiServer.StartAsync(await azurite.NewAccountAsync());

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task The_document_describes_every_route_and_no_other()
    {
        var document = await server.GetJsonAsync("/openapi.json");
        var described = document.GetProperty("paths").EnumerateObject()
            .SelectMany(p => p.Value.EnumerateObject().Where(m => m.Name != "parameters").Select(m => $"{m.Name.ToUpperInvariant()} {p.Name}"));
        var mapped = server.Routes.Where(r => r.Metadata.GetMetadata<HttpMethodMetadata>() is not null)
            .SelectMany(
                r =>
                    r.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(
                        m => $"{m} /{CatchAll().Replace(r.RoutePattern.RawText!, "{").Trim('/')}"));

        Assert.Equal(mapped.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_reference_in_the_document_leads_somewhere()
    {
        var document = await server.GetJsonAsync("/openapi.json");
        var references = Reference().Matches(document.GetRawText()).Select(m => m.Groups["path"].Value).Distinct().ToList();

        Assert.NotEmpty(references);
        Assert.All(references, path =>
        {
            var at = document;
            foreach (var part in path.Split('/')) Assert.True(at.TryGetProperty(part, out at), path);
        });
    }

    [Fact]
    public async Task The_document_names_every_code_with_the_status_it_comes_with()
    {
        var text = (await server.GetJsonAsync("/openapi.json")).GetRawText();
        var codes = typeof(ProblemCodes).GetFields().Select(f => (string)f.GetRawConstantValue()!);

        Assert.All(codes, code => Assert.Contains($"`{code}`", text, StringComparison.Ordinal));
        var document = JsonSerializer.Deserialize<JsonElement>(text);
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject().Where(m => m.Name != "parameters"))
            {
                foreach (var response in operation.Value.GetProperty("responses").EnumerateObject()
                    .Where(r => r.Value.TryGetProperty("description", out _)))
                {
                    var said = Code().Matches(response.Value.GetProperty("description").GetString()!).Select(m => m.Groups["code"].Value)
                        .Where(codes.Contains);
                    Assert.All(said, code => Assert.Equal($"{ProblemCodes.StatusOf(code)}", response.Name));
                }
            }
        }
    }

    [Fact]
    public async Task The_document_knows_every_status_of_batches_and_items()
    {
        var schemas = (await server.GetJsonAsync("/openapi.json")).GetProperty("components").GetProperty("schemas");

        Assert.Equal(Spelled<BatchStatus>(), Values(schemas.GetProperty("BatchStatus")));
        Assert.Equal(Spelled<ItemProgressStatus>(), Values(schemas.GetProperty("ItemProgress").GetProperty("properties").GetProperty("status")));
    }

    private static IEnumerable<string> Spelled<T>() where T : struct, Enum => Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName);

    private static IEnumerable<string> Values(JsonElement schema) => schema.GetProperty("enum").EnumerateArray().Select(v => v.GetString()!);

    [GeneratedRegex(@"\{\*")]
    private static partial Regex CatchAll();

    [GeneratedRegex(@"""\$ref"":\s*""#/(?<path>[^""]+)""")]
    private static partial Regex Reference();

    [GeneratedRegex("`(?<code>[a-z-]+)`")]
    private static partial Regex Code();
}
