using System.Text.Json;
using Microsoft.AspNetCore.Http;
using MultiModal.Web.Edge;

namespace MultiModal.Web.OpenApi;

/// <summary>The description of this API (OpenAPI 3.1), maintained by hand. It is the contract, and tests compare the routes with it.</summary>
public sealed class OpenApiDocument
{
    private readonly EmbeddedFile document = EmbeddedFile.Load("openapi.json", "application/json");

    /// <summary>The document as it is read by this product.</summary>
    internal JsonElement Root => JsonSerializer.Deserialize<JsonElement>(document.Content);

    /// <summary><c>GET /openapi.json</c></summary>
    public IResult Read() => document.Answer();
}
